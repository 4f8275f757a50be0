import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@claude-flow/testing/wait-for';
import { Redis } from 'ioredis';
import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';
import type { Slot } from './slot.ts';
import type { SmallDisk } from './small-disk.ts';
import { REDIS_NOTICES_MS, RETRY_EVERY_MS } from './tunables.ts';

const FULL_FOR_MS = [500, 6_500] as const;

/** With `appendfsync always` Redis ends itself when its disk is full: what it could not write nobody was told of. */
export async function redisDiskFull(
  { ground, history }: Cluster,
  disk: SmallDisk,
  random: Random,
): Promise<void> {
  history.add({ kind: 'action', action: 'disk-full', target: 'redis' });
  await disk.fill();
  await waitFor(() => !ground.redis.running, { deadlineMs: REDIS_NOTICES_MS, what: 'Redis to give up' });
  await delay(random.integer(...FULL_FOR_MS));
  await disk.clear();
  await ground.redis.restart();
  history.add({ kind: 'action', action: 'redis-back after disk-full', target: 'redis' });
}

/** With `appendfsync everysec` it goes on, refuses every write (MISCONF), and writes the rest when there is room again. */
export async function redisDiskFullRefusing(
  { ground, history }: Cluster,
  disk: SmallDisk,
  random: Random,
): Promise<void> {
  const redis = new Redis(ground.redis.url);
  redis.on('error', () => {});
  const writes = (status: string) =>
    waitFor(async () => (await redis.info('persistence')).includes(`aof_last_write_status:${status}`), {
      deadlineMs: REDIS_NOTICES_MS,
      everyMs: RETRY_EVERY_MS,
      what: `Redis to say that its last write was ${status}`,
    });
  try {
    await redis.config('SET', 'appendfsync', 'everysec');
    history.add({ kind: 'action', action: 'disk-full and refusing', target: 'redis' });
    await disk.fill();
    await writes('err');
    await delay(random.integer(...FULL_FOR_MS));
    await disk.clear();
    await writes('ok');
    await redis.config('SET', 'appendfsync', 'always');
    history.add({ kind: 'action', action: 'redis-back after disk-full and refusing', target: 'redis' });
  } finally {
    redis.disconnect();
  }
}

/** The disk with a worker's workspaces is full: it can make none, and no file in one. */
export async function workerDiskFull(slot: Slot, disk: SmallDisk, random: Random): Promise<void> {
  const { history, name, workerId } = slot;
  const ms = random.integer(...FULL_FOR_MS);
  history.add({ kind: 'action', action: 'disk-full', target: name, workerId, detail: `${ms} ms` });
  await disk.fill();
  await delay(ms);
  await disk.clear();
  history.add({ kind: 'action', action: 'pass', target: name, workerId });
}
