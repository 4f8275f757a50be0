import { expect, test } from 'vitest';
import { redis } from './modes/redis.ts';
import { describeVerdict } from './verdict.ts';

test('Redis killed, without power in the middle of a write, cut off, full and read-only: nothing acknowledged is lost', async () => {
  const verdict = await redis({ seed: 1, swarms: 6, rounds: 1, say: () => {} });
  expect(verdict.violations, describeVerdict(verdict)).toEqual([]);
  expect(verdict.swarms).toBe(6);
  expect(Object.fromEntries(verdict.faults)).toEqual({
    'redis-killed redis': 1,
    'redis-killed by power loss redis': 1,
    'blackhole all': 1,
    'redis-full redis': 1,
    'redis-read-only redis': 1,
    'redis-read-only as a replica redis': 1,
  });
}, 240_000);
