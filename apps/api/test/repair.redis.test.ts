import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { createQueues, type Queues } from '@claude-flow/core/queue/queues';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { claimTask } from '@claude-flow/core/store/tasks';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
let ledger: Ledger;
let queues: Queues;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  ledger = await openLedger(redis);
  queues = createQueues(ledger.redis, ledger.keys.queuePrefix, () => undefined);
});
afterAll(async () => {
  await queues?.close();
  ledger?.redis.disconnect();
  await server?.api.close();
  await redis?.stop();
});
beforeEach(() => queues.wake.drain());

async function executing(): Promise<string> {
  const body = { ...diamondSwarm, autoStart: true };
  const swarmId = (await server.post('/api/swarm/create', body)).json.swarmId as string;
  await waitFor(
    async () => {
      await dispatchSwarm({ ledger, queues }, swarmId);
      return (await ledger.redis.zcard(ledger.keys.swarm(swarmId, 'queued'))) > 0;
    },
    { deadlineMs: 10_000, what: 'the first task to be queued' },
  );
  return swarmId;
}
const read = async (swarmId: string) => {
  expect((await server.call(`/api/swarm/${swarmId}`)).status).toBe(200);
};
const asked = async () => (await queues.wake.getJobs(['wait', 'prioritized'])).map((job) => job.data);

test('reading a swarm past its deadline has a scheduler look at it, once', async () => {
  const swarmId = await executing();
  await ledger.redis.hset(ledger.keys.swarm(swarmId, 'meta'), 'deadlineAt', 1);
  for (let i = 0; i < 5; i += 1) await read(swarmId);
  await waitFor(async () => (await asked()).length > 0, { deadlineMs: 10_000, what: 'the request' });
  await read(swarmId);
  expect(await asked()).toEqual([{ swarmId, repair: true }]);
});

test('so does reading one in which a lease has ended; a sound one asks for nothing', async () => {
  const [sound, stale] = [await executing(), await executing()];
  const [taskId = ''] = await ledger.redis.zrange(ledger.keys.swarm(stale, 'queued'), '0', '0');
  const wish = { swarmId: stale, taskId, attempt: 1, token: 't', workerId: 'lost', leaseMs: 1 };
  expect((await claimTask(ledger, wish)).claimed).toBe(true);
  await ledger.redis.zadd(ledger.keys.swarm(stale, 'running'), 1, taskId);
  await read(sound);
  await read(stale);
  await waitFor(async () => (await asked()).length > 0, { deadlineMs: 10_000, what: 'the request' });
  expect(await asked()).toEqual([{ swarmId: stale, repair: true }]);
});
