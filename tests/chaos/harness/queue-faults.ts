import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';

/** Where a delivery that nobody has taken stands. */
const WAITING_LISTS = ['wait', 'prioritized', 'active'] as const;

async function withQueue(
  cluster: Cluster,
  act: (redis: Redis, key: (name: string) => string, jobs: string[]) => Promise<void>,
): Promise<void> {
  const redis = new Redis(cluster.ground.redis.url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  try {
    const key = (name: string) => `{${cluster.prefix}-queue}:task:${name}`;
    // Jobs are named after swarm, task and attempt; everything else in the queue is not.
    const found = await redis.keys(key('swarm_*'));
    const jobs = found.map((name) => name.slice(key('').length)).filter((name) => !name.includes(':'));
    await act(redis, key, jobs.toSorted());
  } finally {
    redis.disconnect();
  }
}

/** A delivery is gone as after a fail-over to a replica that lagged: only the ledger still knows of its task. */
export function loseJob(cluster: Cluster, random: Random): Promise<void> {
  return withQueue(cluster, async (redis, key, jobs) => {
    if (jobs.length === 0) return;
    const job = random.pick(jobs);
    const [wait, prioritized, active] = WAITING_LISTS.map(key) as [string, string, string];
    await redis
      .multi()
      .lrem(wait, 0, job)
      .zrem(prioritized, job)
      .lrem(active, 0, job)
      .unlink(key(job), key(`${job}:lock`))
      .exec();
    cluster.history.add({ kind: 'action', action: 'job-lost', target: 'queue', detail: job });
  });
}

/** A task is delivered a second time, by a job of another name, while the first is under way or waits. */
export function deliverTwice(cluster: Cluster, random: Random): Promise<void> {
  return withQueue(cluster, async (redis, key, jobs) => {
    if (jobs.length === 0) return;
    const job = random.pick(jobs);
    const again = `${job}.again.${randomUUID()}`;
    const data = await redis.hgetall(key(job));
    for (const name of ['ats', 'processedOn', 'pb', 'stc']) delete data[name];
    if (data['data'] === undefined) return;
    await redis.multi().hset(key(again), data).lpush(key('wait'), again).zadd(key('marker'), 0, '0').exec();
    cluster.history.add({ kind: 'action', action: 'job-twice', target: 'queue', detail: job });
  });
}
