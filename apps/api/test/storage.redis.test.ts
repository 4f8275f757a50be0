import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const KEYS = { ann: 'ann-key-0000000000001', bob: 'bob-key-0000000000002' };
const OWNER_LIMIT = 1_000_000;
const ENV = {
  HOST: '127.0.0.1',
  AUTH_ENABLED: 'true',
  API_KEYS: Object.values(KEYS).join(','),
  RATE_LIMIT_MAX: '100000',
  RATE_LIMIT_READS: '100000',
  STORAGE_PER_OWNER: String(OWNER_LIMIT),
  STORAGE_PER_SWARM: '500000',
};
type Who = keyof typeof KEYS;

let redis: TestRedis;
let servers: [TestApi, TestApi];
beforeAll(async () => {
  redis = await startTestRedis();
  servers = [await startTestApi(redis, ENV), await startTestApi(redis, ENV)];
});
afterAll(async () => {
  for (const { api } of servers ?? []) await api.close();
  await redis?.stop();
});

const large = (bytes: number) => ({
  objective: OBJECTIVE,
  tasks: Array.from({ length: Math.ceil(bytes / 4_000) }, (_, n) => ({
    key: `k${n}`,
    name: `Task ${n}`,
    description: 'd'.repeat(3_800),
    type: 'coding',
    agentType: 'coder',
    dependencies: [],
  })),
});
const create = (who: Who, body: object, headers = {}, at: 0 | 1 = 0) =>
  servers[at].post('/api/swarm/create', body, { key: KEYS[who], headers });
const usage = async (who: Who) => (await servers[0].call('/api/usage', { key: KEYS[who] })).json;

test('nothing is stored: the usage says so, with the limits', async () => {
  expect(await usage('bob')).toMatchObject({
    storage: { bytes: 0, limit: OWNER_LIMIT, limitPerSwarm: 500_000, largest: [] },
    swarms: { stored: 0, unfinished: 0, startLimit: null },
  });
});

test('a body that is more than a swarm may store is refused with 413 and both numbers', async () => {
  const { status, json } = await create('bob', large(600_000));
  expect([status, json.code]).toEqual([413, 'swarm_too_large']);
  expect(json.message).toMatch(/500000 \(STORAGE_PER_SWARM\)/);
  expect((await usage('bob')).storage.bytes).toBe(0);
});

test('one owner fills what it may, at two servers at once; another is not concerned; a deletion makes room', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => create('ann', large(200_000), {}, n % 2 === 0 ? 0 : 1)),
  );
  const made = answers.filter(({ status }) => status === 201);
  // Of some 197 kB each.
  expect(made).toHaveLength(5);
  const refused = answers.find(({ status }) => status !== 201);
  expect([refused?.status, refused?.json.code]).toEqual([409, 'storage_full']);
  expect(refused?.json.message).toMatch(
    /Your swarms store \d+ bytes of the 1000000.*Delete swarms.*GET \/api\/usage/,
  );

  const full = await usage('ann');
  expect(full.storage.bytes).toBeGreaterThan(OWNER_LIMIT - 250_000);
  expect(full.storage.bytes).toBeLessThanOrEqual(OWNER_LIMIT);
  expect(full.storage.largest.map(({ swarmId }: { swarmId: string }) => swarmId).sort()).toEqual(
    made.map(({ json }) => json.swarmId).sort(),
  );
  expect(full.swarms).toMatchObject({ stored: 5, unfinished: 5 });

  // Nor may it add a task, where the limit is lower than what it stores by now.
  const swarmId = made[0]?.json.swarmId as string;
  const strict = await startTestApi(redis, { ...ENV, STORAGE_PER_OWNER: '500000' });
  const task = { name: 'More', description: 'Do more of it, please', type: 'coding' };
  const more = await strict.post(`/api/swarm/${swarmId}/tasks`, task, { key: KEYS.ann });
  expect([more.status, more.json.code]).toEqual([409, 'storage_full']);
  await strict.api.close();
  expect((await servers[1].post(`/api/swarm/${swarmId}/tasks`, task, { key: KEYS.ann })).status).toBe(201);

  // What the one has filled is not the other's: it creates, reads, and is charged for its own alone.
  expect((await create('bob', large(100_000))).status).toBe(201);
  expect((await usage('bob')).storage.bytes).toBeLessThan(200_000);

  expect((await servers[0].call(`/api/swarm/${swarmId}`, { method: 'DELETE', key: KEYS.ann })).status).toBe(
    200,
  );
  expect((await usage('ann')).storage.bytes).toBeLessThan(OWNER_LIMIT - 150_000);
  expect((await create('ann', large(100_000))).status).toBe(201);
});

test('a creation that is repeated has its room already, also when the owner is full', async () => {
  const headers = { 'idempotency-key': 'once-and-again' };
  await servers[0].call('/api/swarms', { key: KEYS.bob });
  const body = large(300_000);
  const first = await create('bob', body, headers);
  expect(first.status).toBe(201);
  for (let full = false; !full; ) full = (await create('bob', large(300_000))).status === 409;
  const before = (await usage('bob')).storage.bytes;
  const again = await create('bob', body, headers, 1);
  expect([again.status, again.json.swarmId]).toEqual([201, first.json.swarmId]);
  expect((await usage('bob')).storage.bytes).toBe(before);
});
