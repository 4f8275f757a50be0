import type { SwarmStatus } from '../domain/states.ts';
import { parseTaskState, type TaskState } from '../domain/task.ts';
import { eventsOf } from './events.ts';
import type { Ledger } from './ledger.ts';

/** What a sweep has to know of one swarm; bounded, whatever the swarm's size. */
export interface SwarmObservation {
  /** Redis's clock, milliseconds. */
  now: number;
  exists: boolean;
  status?: SwarmStatus;
  planned?: boolean;
  startRequested?: boolean;
  deadlineAt?: number;
  planLeaseUntil?: number;
  /** When its newest event was written; only while it has not been started. */
  lastEventAt?: number;
  /** Open tasks by the set of open ones, by the places where such tasks are, and those of them that are suspended. */
  openCount: number;
  placedCount: number;
  suspendedCount: number;
  /** Running tasks whose lease has ended. */
  expired: TaskState[];
  /** Tasks that have been queued for a while, oldest first. */
  queued: TaskState[];
  readyCount: number;
  runningCount: number;
  dueRetries: number;
}

/** Tasks of one kind looked at in one sweep of one swarm. */
const OBSERVE_LIMIT = 200;

export async function observeSwarm(
  ledger: Ledger,
  swarmId: string,
  queuedBefore: number,
): Promise<SwarmObservation> {
  const { redis, keys } = ledger;
  const now = await redisNow(ledger);
  const key = (name: Parameters<typeof keys.swarm>[1]) => keys.swarm(swarmId, name);
  // One moment for all, or a task on its way from one place to another would look lost.
  const replies = await redis
    .multi()
    .hmget(key('meta'), 'status', 'planned', 'deadlineAt', 'planLeaseUntil', 'startRequested')
    .zrangebyscore(key('running'), '-inf', now, 'LIMIT', 0, OBSERVE_LIMIT)
    .zrangebyscore(key('queued'), '-inf', now - queuedBefore, 'LIMIT', 0, OBSERVE_LIMIT)
    .zcount(key('retrying'), '-inf', now)
    .zcard(key('ready'))
    .zcard(key('queued'))
    .zcard(key('running'))
    .zcard(key('retrying'))
    .scard(key('suspended'))
    .scard(key('open'))
    .hmget(key('meta'), 'tasks:blocked', 'tasks:waiting')
    .exec();
  const reply = (index: number): unknown => {
    const [error, value] = replies?.[index] ?? [new Error('Redis gave no answer to a transaction')];
    if (error) throw error;
    return value;
  };
  const count = (index: number) => Number(reply(index));
  const [status, planned, deadlineAt, planLeaseUntil, startRequested] = reply(0) as (string | null)[];
  const [expiredIds, queuedIds] = [reply(1) as string[], reply(2) as string[]];
  const readyCount = count(4);
  const suspendedCount = count(8);
  const notPlaced = (reply(10) as (string | null)[]).reduce((sum, value) => sum + Number(value ?? 0), 0);
  const states = async (ids: string[]) =>
    ids.length === 0
      ? []
      : (await redis.hmget(key('tasks'), ...ids))
          .filter((json) => json !== null)
          .map((json) => parseTaskState(json));
  const unstarted = status === 'ready' || (status === 'planning' && startRequested !== '1');
  const [expired, queued, lastEventAt] = await Promise.all([
    states(expiredIds),
    states(queuedIds),
    unstarted ? newestEventAt(ledger, swarmId) : undefined,
  ]);
  return {
    now,
    exists: typeof status === 'string',
    ...(typeof status === 'string' ? { status: status as SwarmStatus } : {}),
    planned: planned === '1',
    startRequested: startRequested === '1',
    ...(typeof deadlineAt === 'string' ? { deadlineAt: Number(deadlineAt) } : {}),
    ...(typeof planLeaseUntil === 'string' ? { planLeaseUntil: Number(planLeaseUntil) } : {}),
    ...(lastEventAt === undefined ? {} : { lastEventAt }),
    expired,
    queued,
    readyCount,
    runningCount: count(6),
    dueRetries: count(3),
    openCount: count(9),
    placedCount: readyCount + count(5) + count(6) + count(7) + suspendedCount + notPlaced,
    suspendedCount,
  };
}

/** A sweep looks at a swarm in which somebody holds a lease: while one does, whoever is silent is so by himself, and not for want of Redis. */
export async function keepPulse(ledger: Ledger, swarmId: string): Promise<void> {
  await ledger.scripts.run(ledger.redis, 'keep-pulse', { swarmId }, {});
}

/** Has a worker let the lease of one of its tasks run out? Cheap enough for a read of a client. */
export async function hasExpiredLease(ledger: Ledger, swarmId: string): Promise<boolean> {
  const now = await redisNow(ledger);
  return (await ledger.redis.zcount(ledger.keys.swarm(swarmId, 'running'), '-inf', now)) > 0;
}

async function redisNow({ redis }: Ledger): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

async function newestEventAt({ redis, keys }: Ledger, swarmId: string): Promise<number | undefined> {
  const [newest] = await redis.xrevrange(keys.swarm(swarmId, 'events'), '+', '-', 'COUNT', 1);
  const json = newest?.[1][1];
  return json === undefined ? undefined : eventsOf(['', json]).at(-1)?.at;
}
