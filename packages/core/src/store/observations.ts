import type { SwarmStatus } from '../domain/states.ts';
import type { TaskState } from '../domain/task.ts';
import type { Ledger } from './ledger.ts';

/** What a sweep has to know of one swarm; bounded, whatever the swarm's size. */
export interface SwarmObservation {
  /** Redis's clock, milliseconds. */
  now: number;
  exists: boolean;
  status?: SwarmStatus;
  planned?: boolean;
  deadlineAt?: number;
  planLeaseUntil?: number;
  /** Running tasks whose lease has ended. */
  expired: TaskState[];
  /** Tasks that have been queued for a while, oldest first. */
  queued: TaskState[];
  readyCount: number;
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
  const [seconds, micros] = await redis.time();
  const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  const key = (name: Parameters<typeof keys.swarm>[1]) => keys.swarm(swarmId, name);
  const [meta, expiredIds, queuedIds, readyCount, dueRetries] = await Promise.all([
    redis.hmget(key('meta'), 'status', 'planned', 'deadlineAt', 'planLeaseUntil'),
    redis.zrangebyscore(key('running'), '-inf', now, 'LIMIT', 0, OBSERVE_LIMIT),
    redis.zrangebyscore(key('queued'), '-inf', now - queuedBefore, 'LIMIT', 0, OBSERVE_LIMIT),
    redis.zcard(key('ready')),
    redis.zcount(key('retrying'), '-inf', now),
  ]);
  const states = async (ids: string[]) =>
    ids.length === 0
      ? []
      : (await redis.hmget(key('tasks'), ...ids))
          .filter((json) => json !== null)
          .map((json) => JSON.parse(json) as TaskState);
  const [expired, queued] = await Promise.all([states(expiredIds), states(queuedIds)]);
  const [status, planned, deadlineAt, planLeaseUntil] = meta;
  return {
    now,
    exists: typeof status === 'string',
    ...(typeof status === 'string' ? { status: status as SwarmStatus } : {}),
    planned: planned === '1',
    ...(typeof deadlineAt === 'string' ? { deadlineAt: Number(deadlineAt) } : {}),
    ...(typeof planLeaseUntil === 'string' ? { planLeaseUntil: Number(planLeaseUntil) } : {}),
    expired,
    queued,
    readyCount,
    dueRetries,
  };
}
