import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';

/** Redis refuses something for a while and says so; then everything is as before. */
async function refuseFor(
  { ground, history }: Cluster,
  action: string,
  ms: number,
  [during, after]: readonly [during: readonly string[], after: readonly string[]],
): Promise<void> {
  const redis = new Redis(ground.redis.url);
  redis.on('error', () => {});
  try {
    history.add({ kind: 'action', action, target: 'redis', detail: `${ms} ms` });
    await redis.call(...command(during));
    await delay(ms);
    await redis.call(...command(after));
    history.add({ kind: 'action', action: `redis-back after ${action}`, target: 'redis' });
  } finally {
    redis.disconnect();
  }
}

const command = ([name = '', ...args]: readonly string[]): [string, ...string[]] => [name, ...args];
const config = (name: string, value: string) => ['CONFIG', 'SET', name, value];

const FOR_MS = [1_000, 6_500] as const;

/** Its memory is used up: whatever needs more is refused with OOM. */
export const redisFull = (cluster: Cluster, random: Random): Promise<void> =>
  refuseFor(cluster, 'redis-full', random.integer(...FOR_MS), [
    config('maxmemory', '1mb'),
    config('maxmemory', '0'),
  ]);

/** It takes no write at all, as one that has lost its replicas. */
export const redisReadOnly = (cluster: Cluster, random: Random): Promise<void> =>
  refuseFor(cluster, 'redis-read-only', random.integer(...FOR_MS), [
    config('min-replicas-to-write', '1'),
    config('min-replicas-to-write', '0'),
  ]);

/** It is the replica of one that is not there, as in the middle of a fail-over, and then the master again. */
export const redisReplica = (cluster: Cluster, random: Random): Promise<void> =>
  refuseFor(cluster, 'redis-read-only as a replica', random.integer(...FOR_MS), [
    ['REPLICAOF', '127.0.0.1', String(UNUSED_PORT)],
    ['REPLICAOF', 'NO', 'ONE'],
  ]);

/** Nothing that speaks Redis listens there. */
const UNUSED_PORT = 1;
