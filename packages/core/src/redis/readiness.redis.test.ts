import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterEach, expect, test } from 'vitest';
import { connectRedis, type RedisClient } from './connect.ts';
import { durabilityWarning } from './durability.ts';
import { createKeys } from './keys.ts';
import { createRedisProbe } from './readiness.ts';
import { loadScripts } from './scripts.ts';

const opened: { server: TestRedis; redis: RedisClient }[] = [];
afterEach(async () => {
  for (const { server, redis } of opened.splice(0)) {
    redis.disconnect();
    await server.stop();
  }
});

async function open(options: { durable?: boolean; extraArgs?: string[] }): Promise<RedisClient> {
  const server = await startTestRedis({ ownServer: true, ...options });
  const redis = await connectRedis({ url: server.url, name: 'core-test', mode: 'patient' });
  opened.push({ server, redis });
  return redis;
}

const keys = createKeys('cf');
const scripts = loadScripts(keys);
const probeOf = (redis: RedisClient) => createRedisProbe({ redis, keys, scripts });

test('a Redis that may evict is refused in a sentence, as long as it may', async () => {
  const redis = await open({ extraArgs: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
  expect(await probeOf(redis).readiness()).toEqual({
    ready: false,
    reason: expect.stringContaining('Set maxmemory-policy to noeviction'),
  });
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  expect(await probeOf(redis).readiness()).toEqual({ ready: true });
});

test('a policy without a limit evicts nothing; a Redis that is away is not ready', async () => {
  const redis = await open({ extraArgs: ['--maxmemory-policy', 'allkeys-lru'] });
  expect(await probeOf(redis).readiness()).toEqual({ ready: true });
  redis.disconnect();
  expect(await probeOf(redis).readiness()).toMatchObject({ ready: false });
});

test('no append-only file, or one that is written late, gets a warning; ours none', async () => {
  expect(await durabilityWarning(await open({ durable: true }))).toBeUndefined();
  expect(await durabilityWarning(await open({ durable: false }))).toContain('appendonly yes');
  const late = await open({ durable: true, extraArgs: ['--appendfsync', 'everysec'] });
  expect(await durabilityWarning(late)).toContain('appendfsync everysec');
});
