import { startTestRedis } from '@claude-flow/testing/redis';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { startTestApi } from './test-api.ts';

test('connections that Redis closed cost no caller a 503: calls wait until they are replaced', async () => {
  const redis = await startTestRedis({ ownServer: true });
  const server = await startTestApi(redis);
  const admin = new Redis(redis.url);
  const failed: string[] = [];
  for (let round = 0; round < 60; round += 1) {
    // Before, with, and after the news of it reaches the API.
    if (round % 3 === 0) await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const killed = round % 3 === 1 && admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const asked = [
      server.call('/api/swarms'),
      server.post('/api/swarm/create', diamondSwarm),
      server.call('/readyz'),
    ];
    if (round % 3 === 2) await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await killed;
    for (const { status, text } of await Promise.all(asked)) {
      if (status >= 500) failed.push(`round ${round}: ${status} ${text}`);
    }
  }
  expect(failed).toEqual([]);
  // Nothing was created twice.
  expect((await server.call('/api/swarms?limit=100')).json.pagination?.total ?? 60).toBe(60);
  admin.disconnect();
  await server.api.close();
  await redis.stop();
});
