import { randomUUID } from 'node:crypto';
import { eventFrame } from '@claude-flow/core/contracts/event-frame';
import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import type { Queues } from '@claude-flow/core/queue/queues';
import { enqueueWebhook } from '@claude-flow/core/queue/webhooks';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import { readEventsFrom } from '@claude-flow/core/store/events';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { appendLog, type LogLevel } from '@claude-flow/core/store/logs';
import {
  advanceWebhook,
  claimWebhook,
  lookAgainAt,
  postponeWebhook,
  type WebhookClaim,
} from '@claude-flow/core/store/webhooks';
import { endedSwarm } from './ended-swarm.ts';
import { type PostOutcome, post } from './post.ts';
import { nextTry, type RetryPlan } from './retry.ts';
import { signedHeaders } from './signature.ts';
import { EVENT_PAGE, QUICK_ANSWER_MS, WEBHOOK_LEASE_MS, WEBHOOK_TURN_MS } from './tunables.ts';

export interface DeliveryDeps {
  ledger: Ledger;
  queues: Queues;
  metrics: Metrics;
  log: Logger;
  allowPrivate: boolean;
  retry: RetryPlan;
  timeoutMs: number;
  /** This process is stopping. */
  signal: AbortSignal;
  /** Told of each delivery whether the receiver answered quickly; `false` as soon as it did not. */
  onAnswer(swarmId: string, quick: boolean): void;
}

/**
 * Sends a swarm's events on, each as soon as the one before it has arrived. Where it stands is in the ledger: what a killed
 * scheduler had not written down is sent again by the next one.
 */
export async function deliverWebhook(deps: DeliveryDeps, swarmId: string): Promise<void> {
  // Another one has it within a second.
  if (deps.signal.aborted) return;
  const result = await claimWebhook(deps.ledger, swarmId, randomUUID(), WEBHOOK_LEASE_MS);
  if (!('claim' in result)) return;
  try {
    await deliver(deps, result.claim);
  } catch (error) {
    const over = error instanceof ClaudeFlowError && ['fenced', 'swarm_not_found'].includes(error.code);
    if (!over) throw error;
    deps.log.debug({ swarmId, code: error.code }, 'The webhook is another scheduler’s, or gone');
  }
}

async function deliver(deps: DeliveryDeps, claim: WebhookClaim): Promise<void> {
  const { ledger } = deps;
  const { swarmId } = claim;
  const until = performance.now() + WEBHOOK_TURN_MS;
  let { seq } = claim;
  for (;;) {
    const { events, resync } = await readEventsFrom(ledger, swarmId, { seq }, EVENT_PAGE);
    if (resync !== undefined) {
      await tell(deps, swarmId, 'warn', `The webhook missed the events before ${resync.firstSeq}: too old.`);
    }
    for (const event of events) {
      if (claim.events.has(event.type)) {
        const outcome = await send(deps, claim, event);
        if (outcome.kind === 'failed') {
          const before = Math.max(seq, event.seq - 1);
          if (before > claim.seq) await advanceWebhook(ledger, claim, before, WEBHOOK_LEASE_MS);
          return fail(deps, claim, before, event, outcome);
        }
        if (outcome.kind === 'aborted') return advanceWebhook(ledger, claim, seq, 0);
        await advanceWebhook(ledger, claim, event.seq, WEBHOOK_LEASE_MS);
        deps.metrics.webhookDeliveries.inc({ outcome: 'delivered' });
      }
      seq = event.seq;
      if (performance.now() > until || deps.signal.aborted) return handOn(deps, claim, seq);
    }
    if (events.length === 0) return advanceWebhook(ledger, claim, seq, 0);
  }
}

/** The others have their turn, then it goes on. */
async function handOn(deps: DeliveryDeps, claim: WebhookClaim, seq: number): Promise<void> {
  await advanceWebhook(deps.ledger, claim, seq, 0);
  await enqueueWebhook(deps.queues, claim.swarmId, `on.${seq}`);
}

async function send(deps: DeliveryDeps, claim: WebhookClaim, event: SwarmEvent): Promise<PostOutcome> {
  const swarm = await endedSwarm(deps.ledger, event);
  const frame = eventFrame(event);
  const body = JSON.stringify(swarm === undefined ? frame : { ...frame, swarm });
  const { swarmId, url, secret } = claim;
  const slow = setTimeout(() => deps.onAnswer(swarmId, false), QUICK_ANSWER_MS);
  const started = performance.now();
  const outcome = await post({
    url,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'claude-flow-webhook',
      'x-claude-flow-event': event.type,
      // The same for every try of the same event.
      'x-claude-flow-delivery': `${swarmId}.${event.epoch}.${event.seq}`,
      ...signedHeaders(secret, { id: `${swarmId}-${event.epoch}-${event.seq}`, body, at: Date.now() }),
    },
    allowPrivate: deps.allowPrivate,
    timeoutMs: deps.timeoutMs,
    signal: deps.signal,
  });
  clearTimeout(slow);
  const answered = outcome.kind === 'delivered' || (outcome.kind === 'failed' && outcome.answered);
  deps.onAnswer(swarmId, answered && performance.now() - started < QUICK_ANSWER_MS);
  return outcome;
}

async function fail(
  deps: DeliveryDeps,
  claim: WebhookClaim,
  seq: number,
  event: SwarmEvent,
  { error, final }: Extract<PostOutcome, { kind: 'failed' }>,
): Promise<void> {
  const { ledger, queues, metrics, log } = deps;
  const { swarmId } = claim;
  const same = seq === claim.seq;
  const attempts = (same ? claim.attempts : 0) + 1;
  const failingMs = same && claim.since !== undefined ? Date.now() - claim.since : 0;
  const delayMs = final ? undefined : nextTry(deps.retry, attempts, failingMs, Math.random());
  const giveUp = delayMs === undefined;
  const what = `The webhook could not be told of ${event.type} (event ${event.seq}): ${error}.`;
  const due = await postponeWebhook(ledger, claim, { seq, delayMs: delayMs ?? 0, error: what, giveUp });
  metrics.webhookDeliveries.inc({ outcome: giveUp ? 'given-up' : 'failed' });
  // Without the address: a path may hold a secret.
  log.warn(
    { event: 'webhook.failed', swarmId, seq: event.seq, attempts, giveUp, reason: error },
    'A webhook failed',
  );
  if (delayMs === undefined) {
    const tries = attempts === 1 ? 'one try' : `${attempts} tries`;
    return tell(deps, swarmId, 'error', `${what} Given up after ${tries}; no further events are sent.`);
  }
  await lookAgainAt(ledger, swarmId, due);
  await enqueueWebhook(queues, swarmId, `try.${seq}.${attempts}`, delayMs);
  await tell(deps, swarmId, 'warn', `${what} Trying again in ${(delayMs / 1000).toFixed(1)} s.`);
}

async function tell(deps: DeliveryDeps, swarmId: string, level: LogLevel, message: string): Promise<void> {
  await appendLog(deps.ledger, swarmId, { level, source: 'webhook', message }).catch((error: unknown) =>
    deps.log.warn({ swarmId, reason: errorMessage(error) }, 'A line of the swarm’s log was lost'),
  );
}
