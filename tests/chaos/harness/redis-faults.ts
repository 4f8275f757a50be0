import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';

/** Redis refuses something for a while and says so; then everything is as before. */
async function refuseFor(
  { ground, history }: Cluster,
  action: string,
  ms: number,
  [name, during, after]: readonly [name: string, during: string, after: string],
): Promise<void> {
  const redis = new Redis(ground.redis.url);
  redis.on('error', () => {});
  try {
    history.add({ kind: 'action', action, target: 'redis', detail: `${ms} ms` });
    await redis.config('SET', name, during);
    await delay(ms);
    await redis.config('SET', name, after);
    history.add({ kind: 'action', action: `redis-back after ${action}`, target: 'redis' });
  } finally {
    redis.disconnect();
  }
}

const FOR_MS = [1_000, 6_500] as const;

/** Its memory is used up: whatever needs more is refused with OOM. */
export const redisFull = (cluster: Cluster, random: Random): Promise<void> =>
  refuseFor(cluster, 'redis-full', random.integer(...FOR_MS), ['maxmemory', '1mb', '0']);

/** It takes no write at all, as one that has lost its replicas. */
export const redisReadOnly = (cluster: Cluster, random: Random): Promise<void> =>
  refuseFor(cluster, 'redis-read-only', random.integer(...FOR_MS), ['min-replicas-to-write', '1', '0']);
