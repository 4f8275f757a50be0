import type { EventType } from '../contracts/swarm-event.ts';
import { isTerminalSwarm, type SwarmStatus } from '../domain/states.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import { type Ledger, transition } from './ledger.ts';

/** Where a swarm's events are sent, as its creator says. */
export interface NewWebhook {
  url: string;
  events: readonly EventType[];
  /** Signs each delivery; never shown again. */
  secret?: string;
}

/** `given-up`: an event could not be delivered, however often it was tried; none follows it. */
export type WebhookState = 'active' | 'given-up';

/** What may be shown of a webhook. */
export interface WebhookInfo {
  url: string;
  events: EventType[];
  signed: boolean;
  state: WebhookState;
  /** All events up to this one are delivered, or were not asked for. */
  seq: number;
  /** Failed tries of the event that is next. */
  attempts: number;
  /** Milliseconds since 1970; when it is tried again, after a failure. */
  dueAt?: number;
  /** Why the last try failed, in a sentence. */
  error?: string;
}

/** A webhook in this process's hands, until its lease ends. */
export interface WebhookClaim {
  swarmId: string;
  token: string;
  seq: number;
  attempts: number;
  /** When the event that is next failed first; milliseconds since 1970. */
  since?: number;
  url: string;
  events: ReadonlySet<EventType>;
  secret: string;
}

export type WebhookClaimResult =
  | { claim: WebhookClaim }
  /** `busy` until about then; `idle`: nothing to deliver for now; `done`: there will be nothing any more. */
  | { state: 'busy'; until: number }
  | { state: 'idle' | 'done' };

const textOf = (value: unknown) => (value === null || value === undefined ? '' : String(value));

export async function claimWebhook(
  ledger: Ledger,
  swarmId: string,
  token: string,
  leaseMs: number,
): Promise<WebhookClaimResult> {
  const [outcome, first, attempts, since, url, events, secret] = await ledger.scripts.run(
    ledger.redis,
    'claim-webhook',
    { swarmId },
    { token, leaseMs },
  );
  switch (outcome) {
    case OUTCOME.ok:
      return {
        claim: {
          swarmId,
          token,
          seq: Number(first),
          attempts: Number(attempts),
          ...(since === null ? {} : { since: Number(since) }),
          url: textOf(url),
          events: new Set(JSON.parse(textOf(events)) as EventType[]),
          secret: textOf(secret),
        },
      };
    case OUTCOME.already:
      return { state: isTerminalSwarm(first as SwarmStatus) ? 'done' : 'idle' };
    case OUTCOME.swarmNotFound:
      return { state: 'done' };
    case OUTCOME.fenced:
      return { state: 'busy', until: Number(first) };
    default:
      throw outcomeError(outcome, first);
  }
}

/**
 * All events up to `seq` are delivered. @param leaseMs the claim goes on for so long; 0: it ends
 * @throws ClaudeFlowError `fenced` when another scheduler has taken over, `swarm_not_found`
 */
export async function advanceWebhook(
  ledger: Ledger,
  { swarmId, token }: WebhookClaim,
  seq: number,
  leaseMs: number,
): Promise<void> {
  await transition(ledger, 'advance-webhook', { swarmId }, { token, seq, leaseMs });
}

/**
 * The event after `seq` could not be delivered; the claim ends.
 * @returns when it is due again, milliseconds since 1970
 * @throws ClaudeFlowError `fenced`, `swarm_not_found`
 */
export async function postponeWebhook(
  ledger: Ledger,
  { swarmId, token }: WebhookClaim,
  failure: { seq: number; delayMs: number; error: string; giveUp: boolean },
): Promise<number> {
  const { seq, delayMs, error, giveUp } = failure;
  const args = { token, seq, delayMs, error, giveUp: giveUp ? 1 : 0 };
  const [, due] = await transition(ledger, 'postpone-webhook', { swarmId }, args);
  return Number(due);
}

/**
 * Whose a swarm's webhook is, and where it leads: the host and port of its address.
 * @returns undefined when the swarm has none, or is gone
 */
export async function webhookDestination(
  { redis, keys }: Ledger,
  swarmId: string,
): Promise<{ owner: string; host: string } | undefined> {
  const [owner, url] = await Promise.all([
    redis.hget(keys.swarm(swarmId, 'meta'), 'owner'),
    redis.hget(keys.swarm(swarmId, 'webhook'), 'url'),
  ]);
  if (url === null || !URL.canParse(url)) return undefined;
  return { owner: owner ?? '', host: new URL(url).host };
}

/** @returns undefined when the swarm has none */
export async function readWebhook(ledger: Ledger, swarmId: string): Promise<WebhookInfo | undefined> {
  const f = await ledger.redis.hgetall(ledger.keys.swarm(swarmId, 'webhook'));
  if (f['url'] === undefined) return undefined;
  const due = Number(f['dueAt'] ?? 0);
  return {
    url: f['url'],
    events: JSON.parse(f['events'] ?? '[]') as EventType[],
    signed: (f['secret'] ?? '') !== '',
    state: f['state'] === 'given-up' ? 'given-up' : 'active',
    seq: Number(f['seq'] ?? 0),
    attempts: Number(f['attempts'] ?? 0),
    ...(due > 0 && f['state'] === 'active' ? { dueAt: due } : {}),
    ...(f['error'] === undefined ? {} : { error: f['error'] }),
  };
}

/** Everything that decides whether a webhook is to be looked after; no secret. */
export interface WebhookSighting {
  swarmId: string;
  /** When to look at it, as the index says. */
  score: number;
  /** Undefined: there is no such swarm. */
  status?: SwarmStatus;
  lastEvent: number;
  state: WebhookState;
  seq: number;
  attempts: number;
  dueAt: number;
  leaseUntil: number;
  events: EventType[];
}

/** Webhooks to be looked at by now, a page at a time. @param now milliseconds since 1970 */
export async function listWebhooks(
  ledger: Ledger,
  now: number,
  offset: number,
  limit: number,
): Promise<WebhookSighting[]> {
  const { redis, keys } = ledger;
  const flat = await redis.zrange(
    keys.webhooks,
    '-inf',
    String(now),
    'BYSCORE',
    'LIMIT',
    offset,
    limit,
    'WITHSCORES',
  );
  const entries = flat.flatMap((id, at) => (at % 2 === 0 ? [{ id, score: Number(flat[at + 1]) }] : []));
  return Promise.all(
    entries.map(async ({ id, score }) => {
      const [[status, last], [state, seq, attempts, dueAt, leaseUntil, events]] = (await Promise.all([
        redis.hmget(keys.swarm(id, 'meta'), 'status', 'seq'),
        redis.hmget(keys.swarm(id, 'webhook'), 'state', 'seq', 'attempts', 'dueAt', 'leaseUntil', 'events'),
      ])) as [(string | null)[], (string | null)[]];
      const there = typeof status === 'string' && typeof state === 'string';
      return {
        swarmId: id,
        score,
        ...(there ? { status: status as SwarmStatus } : {}),
        lastEvent: Number(last ?? 0),
        state: state === 'given-up' ? 'given-up' : 'active',
        seq: Number(seq ?? 0),
        attempts: Number(attempts ?? 0),
        dueAt: Number(dueAt ?? 0),
        leaseUntil: Number(leaseUntil ?? 0),
        events: JSON.parse(events ?? '[]') as EventType[],
      } satisfies WebhookSighting;
    }),
  );
}

/** Looks at it again only then. What is not in the index any more stays away. */
export async function lookAgainAt(ledger: Ledger, swarmId: string, at: number): Promise<void> {
  await ledger.redis.zadd(ledger.keys.webhooks, 'XX', at, swarmId);
}

/** Nothing is left to deliver, now or later. */
export async function forgetWebhook(ledger: Ledger, swarmId: string): Promise<void> {
  await ledger.redis.zrem(ledger.keys.webhooks, swarmId);
}
