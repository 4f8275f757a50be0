import { Redis } from 'ioredis';
import { afterEach, expect, test, vi } from 'vitest';
import { startTestRedis, type TestRedis } from './redis.ts';
import { hasContainerEngine, startRedisContainer } from './redis-container.ts';
import { waitFor } from './wait-for.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options?: Parameters<typeof startTestRedis>[0]): Promise<TestRedis> {
  const redis = await startTestRedis(options);
  cleanups.push(() => redis.stop());
  return redis;
}

function connect(url: string): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => 20 });
  client.on('error', () => {});
  cleanups.push(() => client.disconnect());
  return client;
}

test('the global setup has named the program, so that no test file looks for it again', () => {
  expect(process.env['REDIS_SERVER_PATH'] ?? process.env['REDIS_SERVER_MISSING']).toBeTruthy();
});

test('a private one of its own: killed it is gone, restarted its durable data is back', async () => {
  const redis = await start({ ownServer: true, durable: true });
  expect(redis.source).toBe('private');
  const client = connect(redis.url);
  await client.set('answer', '42');
  await redis.kill();
  await expect(client.get('answer')).rejects.toThrow();
  await redis.restart();
  const answer = await waitFor(() => client.get('answer'), {
    deadlineMs: 10_000,
    what: 'Redis to answer again',
  });
  expect(answer).toBe('42');
});

test('each call has its own server and prefix', async () => {
  const [one, two] = [await start({ ownServer: true }), await start({ ownServer: true })];
  expect(one.url).not.toBe(two.url);
  expect(one.prefix).not.toBe(two.prefix);
  expect(await connect(one.url).config('GET', 'appendonly')).toEqual(['appendonly', 'no']);
});

test('extra arguments get a server of their own', async () => {
  vi.stubEnv('TEST_REDIS_URL', 'redis://127.0.0.1:1');
  const redis = await start({ extraArgs: ['--maxmemory', '32mb'] });
  expect(await connect(redis.url).config('GET', 'maxmemory')).toEqual([
    'maxmemory',
    String(32 * 1024 * 1024),
  ]);
});

test('TEST_REDIS_URL is shared: stop removes the keys with the prefix, and it cannot be killed', async () => {
  const server = await start({ ownServer: true });
  vi.stubEnv('TEST_REDIS_URL', server.url);
  const mine = await startTestRedis();
  const other = await startTestRedis();
  expect(mine).toMatchObject({ source: 'TEST_REDIS_URL', url: server.url });
  const client = connect(server.url);
  const keys = Array.from({ length: 2_500 }, (_, index) => `{${mine.prefix}}:key:${index}`);
  await client.mset(keys.flatMap((key) => [key, 'x']));
  await client.set(`${other.prefix}:key`, 'stays');
  await expect(mine.kill()).rejects.toThrow('ask for one with { ownServer: true }');
  await expect(mine.restart()).rejects.toThrow('cannot be killed or restarted');
  await mine.stop();
  expect(await client.keys('*')).toEqual([`${other.prefix}:key`]);
});

test('without a program and without a container engine: one sentence with both reasons', async (context) => {
  context.skip(await hasContainerEngine(), 'A container engine answers here.');
  vi.stubEnv('TEST_REDIS_URL', '');
  vi.stubEnv('REDIS_SERVER_MISSING', 'Redis is needed and none was found: install it.');
  await expect(startTestRedis()).rejects.toThrow(
    /^Redis is needed and none was found: install it\. A container is no way either: ./,
  );
});

test('in a container, where an engine answers', async (context) => {
  context.skip(!(await hasContainerEngine()), 'No container engine answers here.');
  const container = await startRedisContainer({ durable: true, extraArgs: [] });
  cleanups.push(() => container.stop());
  const client = connect(container.url);
  expect(await client.ping()).toBe('PONG');
  expect(await client.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always']);
}, 120_000);
