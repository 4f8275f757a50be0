import { Cluster } from 'ioredis';
import type { StoredPlan } from '../contracts/plan.ts';
import { ClaudeFlowError } from '../domain/errors.ts';
import { isTerminalSwarm, type SwarmEndReason, type SwarmStatus } from '../domain/states.ts';
import type { SwarmBudget, SwarmRecord, SwarmState } from '../domain/task.ts';
import type { Mode, Strategy } from '../domain/vocabulary.ts';
import { OUTCOME } from '../redis/outcomes.ts';
import type { ScriptArgs } from '../redis/scripts.ts';
import { inSlices } from '../runtime/in-slices.ts';
import {
  DELETED_SWARM_KNOWN_S,
  FINISHED_SWARM_TTL_S,
  KNOWN_SWARM_CHECK_MS,
  TASK_LEASE_MS,
} from '../runtime/tunables.ts';
import { createInParts, isLarge, type Portion } from './draft-swarm.ts';
import { type Ledger, transition, write } from './ledger.ts';
import { callerToken, planArgs } from './plans.ts';
import { knownEntry } from './retention.ts';
import { parseSwarm, STATE_FIELDS, SUMMARY_FIELDS, type SwarmSummary } from './swarm-record.ts';
import { type QueuedTask, queuedTasks } from './tasks.ts';
import type { NewWebhook } from './webhooks.ts';

export interface NewSwarm {
  id: string;
  owner: string;
  name: string;
  objective: string;
  strategy: Strategy;
  mode: Mode;
  maxAgents: number;
  timeoutMs: number;
  parallel: boolean;
  options: Record<string, unknown>;
  model?: string;
  budget?: SwarmBudget;
  webhook?: NewWebhook;
  /** Bytes that it may store; undefined: any number. */
  storageLimit?: number;
}

/**
 * Writes a new swarm. Repeating it with the same id changes nothing.
 * @param more.plan the caller's own graph: nobody has to plan it
 * @param more.start its tasks run as soon as it has a plan: as if `startSwarm` had come right after
 * @param more.dispatch asked right before the swarm is there: of the tasks that then run, so many are queued in the same step
 * @param more.portion what one script writes at most; a larger graph is drafted in parts
 * @throws ClaudeFlowError `swarm_not_found`: the swarm with this id was deleted, and does not come back
 * The global indexes are written first: a swarm that exists is then always found; one that was never written is dropped
 * from them by the sweep.
 */
export async function createSwarm(
  ledger: Ledger,
  swarm: NewSwarm,
  now: number,
  more: {
    plan?: StoredPlan | undefined;
    start?: boolean;
    dispatch?: () => Promise<number>;
    portion?: Portion | undefined;
  } = {},
): Promise<{ created: boolean; status: SwarmStatus; queued: QueuedTask[] }> {
  const { plan, start = false, dispatch = async () => 0, portion } = more;
  const index = () =>
    Promise.all([
      // Sent again, it keeps its place in the lists.
      write(ledger, ledger.keys.activeSwarms, ['ZADD', 'NX', now, swarm.id]),
      write(ledger, ledger.keys.ownerActive(swarm.owner), ['ZADD', 'NX', now, swarm.id]),
      write(ledger, ledger.keys.ownerSwarms(swarm.owner), ['ZADD', 'NX', now, swarm.id]),
      write(ledger, ledger.keys.allSwarms, ['ZADD', 'NX', now, swarm.id]),
      write(ledger, ledger.keys.knownSwarms, [
        'ZADD',
        Date.now() + KNOWN_SWARM_CHECK_MS,
        knownEntry(ledger, swarm.id, swarm.owner),
      ]),
      swarm.webhook && write(ledger, ledger.keys.webhooks, ['ZADD', 'NX', now, swarm.id]),
    ]);
  const record = {
    id: swarm.id,
    owner: swarm.owner,
    name: swarm.name,
    objective: swarm.objective,
    strategy: swarm.strategy,
    mode: swarm.mode,
    maxAgents: String(swarm.maxAgents),
    timeoutMs: String(swarm.timeoutMs),
    parallel: swarm.parallel ? '1' : '0',
    options: JSON.stringify(swarm.options),
    ...(swarm.model === undefined ? {} : { model: swarm.model }),
    ...(swarm.budget?.maxTokens === undefined ? {} : { budgetTokens: String(swarm.budget.maxTokens) }),
    ...(swarm.budget?.maxCostMicros === undefined
      ? {}
      : { budgetMicros: String(swarm.budget.maxCostMicros) }),
    ...(swarm.storageLimit === undefined ? {} : { storageLimit: String(swarm.storageLimit) }),
  };
  const webhook = swarm.webhook && { ...swarm.webhook, events: JSON.stringify(swarm.webhook.events) };
  const planned = plan && (await inSlices(planArgs(plan)));
  const common = {
    webhook: webhook === undefined ? '' : JSON.stringify({ secret: '', ...webhook }),
    start: start ? (1 as const) : (0 as const),
  };
  const texts = {
    record: JSON.stringify(record),
    plan: planned?.plan ?? '',
    planToken: callerToken(swarm.id),
  };
  const writeAtOnce = async () => {
    const args = { ...texts, ...common, dispatch: await dispatch() };
    const indexed = index();
    // One connection keeps the order by itself; the servers of a cluster do not.
    if (ledger.redis instanceof Cluster) await indexed;
    const written = transition(ledger, 'create-swarm', { swarmId: swarm.id }, args, planned?.each);
    return (await Promise.all([written, indexed]))[0];
  };
  const writeInParts = (tasks: readonly ScriptArgs[]) => {
    const draft = { swarmId: swarm.id, ...texts, tasks };
    return createInParts(ledger, draft, { ...common, dispatch, before: index }, portion);
  };
  const isLargeGraph = planned !== undefined && isLarge(planned.each, portion);
  const writing = isLargeGraph ? writeInParts(planned.each) : writeAtOnce();
  const [outcome, status, ...queued] = await writing.catch(async (error: unknown) => {
    const deleted = error instanceof ClaudeFlowError && error.code === 'swarm_not_found';
    if (deleted) await forget(ledger, swarm.id, swarm.owner);
    throw error;
  });
  if (outcome === OUTCOME.ok) tellBorn(ledger, swarm, now);
  return {
    created: outcome === OUTCOME.ok,
    status: status as SwarmStatus,
    queued: queuedTasks(swarm.id, queued),
  };
}

/** For those who follow all of an owner's swarms. Not waited for: whoever misses it finds the swarm in the index. */
function tellBorn(ledger: Ledger, { id, owner }: NewSwarm, now: number): void {
  const { keys } = ledger;
  write(ledger, keys.bornChannel, ['PUBLISH', `${keys.ownerTag(owner)} ${now} ${id}`]).catch(() => undefined);
}

/**
 * A swarm with what its creator wrote: for those who show it, plan it or work on it. Everybody else reads its state.
 * @returns undefined when there is none with that id
 */
export async function getSwarm(ledger: Ledger, swarmId: string): Promise<SwarmRecord | undefined> {
  const meta = await ledger.redis.hgetall(ledger.keys.swarm(swarmId, 'meta'));
  return meta['id'] === undefined ? undefined : parseSwarm(meta);
}

/** The same without its creator's texts, however large they are. */
export async function getSwarmState(ledger: Ledger, swarmId: string): Promise<SwarmState | undefined> {
  const found = await readFields(ledger, swarmId, STATE_FIELDS);
  if (found === undefined) return undefined;
  const { objective: _objective, options: _options, ...state } = found;
  return state;
}

/** The same with what lists show. */
export function getSwarmSummary(ledger: Ledger, swarmId: string): Promise<SwarmSummary | undefined> {
  return readFields(ledger, swarmId, SUMMARY_FIELDS);
}

/** What was not read is as if it were not there. */
async function readFields(
  ledger: Ledger,
  swarmId: string,
  fields: readonly string[],
): Promise<SwarmRecord | undefined> {
  const values = await ledger.redis.hmget(ledger.keys.swarm(swarmId, 'meta'), ...fields);
  const meta: Record<string, string> = {};
  for (const [i, field] of fields.entries()) {
    const value = values[i];
    if (typeof value === 'string') meta[field] = value;
  }
  return meta['id'] === undefined ? undefined : parseSwarm(meta);
}

/**
 * Lets a swarm's tasks run. While it is being planned the wish is remembered.
 * @returns `planning` when remembered, else `executing`
 * @throws ClaudeFlowError `swarm_not_found`, `swarm_state_conflict`
 */
export async function startSwarm(ledger: Ledger, swarmId: string): Promise<'planning' | 'executing'> {
  const [, status] = await transition(ledger, 'start', { swarmId }, {});
  return status as 'planning' | 'executing';
}

/**
 * Ends an unfinished swarm. Stopping a stopped one is fine.
 * @throws ClaudeFlowError `swarm_not_found`, `swarm_state_conflict` (it completed or failed before)
 */
export async function stopSwarm(
  ledger: Ledger,
  swarmId: string,
  end: { reason: Extract<SwarmEndReason, 'stopped' | 'timeout'>; message: string },
): Promise<{ status: SwarmStatus; changed: boolean }> {
  const [outcome, status] = await transition(ledger, 'stop', { swarmId }, end);
  await write(ledger, ledger.keys.startedSwarms, ['ZREM', swarmId]);
  return { status: status as SwarmStatus, changed: outcome === 1 };
}

/**
 * No new attempt starts; agents at work stop at their next turn boundary. Pausing a paused swarm is fine.
 * @throws ClaudeFlowError `swarm_not_found`, `swarm_state_conflict`
 */
export async function pauseSwarm(ledger: Ledger, swarmId: string): Promise<{ changed: boolean }> {
  const [outcome] = await transition(ledger, 'pause', { swarmId }, {});
  return { changed: outcome === 1 };
}

/**
 * A paused swarm goes on where it stood; dispatch it afterwards. Resuming an executing swarm is fine.
 * @throws ClaudeFlowError `swarm_not_found`, `swarm_state_conflict`
 */
export async function resumeSwarm(ledger: Ledger, swarmId: string): Promise<{ changed: boolean }> {
  const [outcome] = await transition(ledger, 'resume', { swarmId }, {});
  return { changed: outcome === 1 };
}

/** Journals that are asked to be removed before anybody else has a turn. */
const JOURNALS_AT_ONCE = 250;

/**
 * Stops a swarm if need be, and removes everything of it. Deleting what is not there is fine; a crash in between leaves
 * a stopped swarm that can be deleted again.
 */
export async function deleteSwarm(ledger: Ledger, swarmId: string): Promise<void> {
  const swarm = await getSwarmState(ledger, swarmId);
  if (swarm !== undefined) {
    if (!isTerminalSwarm(swarm.status)) {
      const end = { reason: 'stopped', message: 'Stopped to be deleted.' } as const;
      await stopSwarm(ledger, swarmId, end).catch((error: unknown) => {
        // It ended by itself since we looked, or another delete was quicker: nothing is left to stop.
        const over = ['swarm_state_conflict', 'swarm_not_found'];
        if (!(error instanceof ClaudeFlowError) || !over.includes(error.code)) throw error;
      });
    }
    // Nobody writes a journal any more: the tasks have ended, and the tokens with them.
    const taskIds = await ledger.redis.hkeys(ledger.keys.swarm(swarmId, 'tasks'));
    for (let at = 0; at < taskIds.length; at += JOURNALS_AT_ONCE) {
      const ids = taskIds.slice(at, at + JOURNALS_AT_ONCE);
      await Promise.all(
        ids.map((id) => write(ledger, ledger.keys.swarm(swarmId, 'journal', id), ['UNLINK'])),
      );
    }
    await transition(ledger, 'delete-swarm', { swarmId }, { knownS: DELETED_SWARM_KNOWN_S });
    await forget(ledger, swarmId, swarm.owner);
    return;
  }
  await write(ledger, ledger.keys.activeSwarms, ['ZREM', swarmId]);
}

/** Out of all lists; the index of unfinished swarms, by which a delete that was cut short is found, comes last. */
async function forget(ledger: Ledger, swarmId: string, owner: string): Promise<void> {
  await write(ledger, ledger.keys.ownerActive(owner), ['ZREM', swarmId]);
  await write(ledger, ledger.keys.ownerSwarms(owner), ['ZREM', swarmId]);
  await write(ledger, ledger.keys.allSwarms, ['ZREM', swarmId]);
  await write(ledger, ledger.keys.knownSwarms, ['ZREM', knownEntry(ledger, swarmId, owner)]);
  await write(ledger, ledger.keys.activeSwarms, ['ZREM', swarmId]);
}

/**
 * Ends a swarm that nobody has started and in which nothing has happened for `idleMs`.
 * @returns whether it was so
 */
export async function expireUnstarted(
  ledger: Ledger,
  swarmId: string,
  idleMs: number,
  message: string,
): Promise<boolean> {
  const args = { idleMs, message };
  const [outcome] = await ledger.scripts.run(ledger.redis, 'expire-unstarted', { swarmId }, args);
  return outcome === OUTCOME.ok;
}

/**
 * Puts the tasks of an unfinished swarm where their own states say they belong, and ends it when nothing is open.
 * @returns how many corrections that took
 */
export async function mendSwarm(ledger: Ledger, swarmId: string): Promise<number> {
  const args = { leaseMs: TASK_LEASE_MS };
  const [outcome, fixed] = await ledger.scripts.run(ledger.redis, 'mend-swarm', { swarmId }, args);
  return outcome === OUTCOME.ok ? Number(fixed) : 0;
}

/** Drops a finished swarm from the index of active ones and lets all its keys expire. Repeatable. */
export async function retireSwarm(
  ledger: Ledger,
  swarmId: string,
  taskIds: readonly string[],
): Promise<void> {
  const owner = await ledger.redis.hget(ledger.keys.swarm(swarmId, 'meta'), 'owner');
  if (owner !== null) {
    const gone = Date.now() + FINISHED_SWARM_TTL_S * 1000;
    await ledger.redis.zadd(ledger.keys.knownSwarms, gone, knownEntry(ledger, swarmId, owner));
    await ledger.redis.zrem(ledger.keys.ownerActive(owner), swarmId);
  }
  const pipeline = ledger.redis.pipeline();
  for (const key of ledger.keys.allOfSwarm(swarmId)) pipeline.expire(key, FINISHED_SWARM_TTL_S);
  for (const id of taskIds) pipeline.expire(ledger.keys.swarm(swarmId, 'journal', id), FINISHED_SWARM_TTL_S);
  await pipeline.exec();
  await ledger.redis.zrem(ledger.keys.startedSwarms, swarmId);
  await ledger.redis.zrem(ledger.keys.activeSwarms, swarmId);
}

/** Ids of unfinished swarms, oldest first, a page at a time. */
export function listActiveSwarms(ledger: Ledger, offset: number, limit: number): Promise<string[]> {
  return ledger.redis.zrange(ledger.keys.activeSwarms, String(offset), String(offset + limit - 1));
}

export function countActiveSwarms(ledger: Ledger): Promise<number> {
  return ledger.redis.zcard(ledger.keys.activeSwarms);
}

/** Ids of an owner's swarms, newest first. */
export async function listOwnerSwarms(
  ledger: Ledger,
  owner: string,
  offset: number,
  limit: number,
): Promise<string[]> {
  const index = ledger.keys.ownerSwarms(owner);
  return ledger.redis.zrange(index, String(offset), String(offset + limit - 1), 'REV');
}
