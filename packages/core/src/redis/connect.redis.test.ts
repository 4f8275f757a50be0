import { startTestRedis } from '@claude-flow/testing/redis';
import { expect, test } from 'vitest';
import { connectRedis } from './connect.ts';

test('at boot a Redis that is busy for longer than a command may take is waited for', async () => {
  const server = await startTestRedis({ ownServer: true });
  const other = await connectRedis({ url: server.url, name: 'other', mode: 'patient' });
  const prompt = { url: server.url, name: 'prompt', mode: 'prompt', commandTimeoutMs: 100 } as const;
  // A script that runs for about half a second: nobody else is answered meanwhile.
  const busy = other.eval(
    "local t = redis.call('TIME'); local from = t[1] * 1000 + t[2] / 1000; repeat t = redis.call('TIME') until t[1] * 1000 + t[2] / 1000 - from > 500; return 1",
    0,
  );
  const redis = await connectRedis(prompt);
  expect(await redis.ping()).toBe('PONG');
  await busy;
  for (const one of [redis, other]) one.disconnect();
  await server.stop();
});

test('a command whose answer has arrived while the process was held up has that answer', async () => {
  const server = await startTestRedis();
  const redis = await connectRedis({ url: server.url, name: 'held', mode: 'prompt', commandTimeoutMs: 100 });
  const key = `${server.prefix}:held`;
  const answer = redis.set(key, '1', 'GET');
  // Held for longer than a command may take: no timer and no answer is looked at meanwhile.
  for (const from = performance.now(); performance.now() - from < 400; );
  expect(await answer).toBeNull();
  expect(await redis.get(key)).toBe('1');
  redis.disconnect();
  await server.stop();
});
