import { indexActiveByOwner, listPresentIds } from '@claude-flow/core/store/swarm-lists';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { openSocket } from './socket-client.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

const [mine, theirs, third, fourth] = [
  'first-key-0000000001',
  'second-key-000000002',
  'third-key-0000000003',
  'fourth-key-000000004',
];
const THEIRS = 400;
const ENV = {
  HOST: '127.0.0.1',
  AUTH_ENABLED: 'true',
  API_KEYS: [mine, theirs, third, fourth].join(),
  RATE_LIMIT_MAX: '100000',
  RATE_LIMIT_CREATIONS: '100000',
};
let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis({ ownServer: true });
  server = await startTestApi(redis, { ...ENV, RATE_LIMIT_READS: '1000000' });
  await Promise.all(Array.from({ length: THEIRS }, () => create(theirs)));
  await create(mine);
}, 60_000);
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const create = async (key: string) =>
  (await server.post('/api/swarm/create', diamondSwarm, { key })).json.swarmId as string;
const connect = (key: string, to = server) => openSocket(to.api.url, { headers: { 'x-api-key': key } });

/** Records of swarms that Redis has read since it started. */
async function recordsRead(): Promise<number> {
  const ledger = await openLedger(redis);
  const stats = await ledger.redis.info('commandstats');
  ledger.redis.disconnect();
  return Number(/cmdstat_hmget:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

/** Asks for `*` and gives it up, again and again. */
async function toggle(key: string, times: number) {
  const client = await connect(key);
  const before = await recordsRead();
  for (let i = 0; i < times; i += 1) {
    client.send({ type: 'subscribe', swarmId: '*', after: 0 });
    client.send({ type: 'unsubscribe', swarmId: '*' });
  }
  await waitFor(() => client.frames.filter(({ type }) => type === 'unsubscribed').length === times, {
    deadlineMs: 20_000,
    what: 'every frame to be answered',
  });
  client.send({ type: 'subscribe', swarmId: '*' });
  await client.frame(({ type, swarmId }) => type === 'subscribed' && swarmId === '*', 'the last one');
  await client.close();
  return (await recordsRead()) - before;
}

test('who follows all of theirs costs what is theirs, whatever others have', async () => {
  expect(await toggle(mine, 90)).toBeLessThan(THEIRS);
});

test('frames count among the reads of their owner, and the other one’s are untouched', async () => {
  const strict = await startTestApi(redis, { ...ENV, RATE_LIMIT_READS: '40', RATE_LIMIT_WINDOW: '600000' });
  try {
    const client = await connect(third, strict);
    for (let i = 0; i < 6; i += 1) {
      client.send({ type: 'subscribe', swarmId: '*' });
      client.send({ type: 'unsubscribe', swarmId: '*' });
    }
    const refused = await client.frame(({ code }) => code === 'limit_exceeded', 'a refusal');
    expect(refused).toMatchObject({
      type: 'error',
      swarmId: '*',
      message: expect.stringContaining('At most 40'),
    });
    expect((await strict.call('/api/swarms', { key: third })).status).toBe(429);
    expect((await strict.call('/api/swarms', { key: fourth })).status).toBe(200);
    await client.close();
  } finally {
    await strict.api.close();
  }
});

test('positions of what is no swarm are refused, and what is never completed is not kept', async () => {
  const client = await connect(mine);
  client.send({ type: 'subscribe', swarmId: '*', more: true, places: { ['x'.repeat(10_000)]: [1] } });
  await client.frame(({ code }) => code === 'malformed_message', 'a refusal');
  client.send({ type: 'subscribe', swarmId: '*', more: true, places: { swarm_abc_000000000: [1] } });
  const forgotten = await waitFor(() => client.frames.find(({ code }) => code === 'places_incomplete'), {
    deadlineMs: 20_000,
    what: 'the places to be forgotten',
  });
  expect(forgotten.message).toContain('Subscribe again');
  client.send({ type: 'subscribe', swarmId: '*' });
  await client.frame(({ type, swarmId }) => type === 'subscribed' && swarmId === '*', 'it to work again');
  await client.close();
}, 30_000);

test('swarms of a release without such an index are entered; those that are gone leave it', async () => {
  const ledger = await openLedger(redis);
  try {
    const { redis: client, keys } = ledger;
    const [owner = ''] = await client.hmget(keys.swarm(await create(mine), 'meta'), 'owner');
    const index = keys.ownerActive(owner ?? '');
    const present = await listPresentIds(ledger, { owner: owner ?? '' });
    expect(present.length).toBeGreaterThan(1);
    await client.del(index);
    expect(await indexActiveByOwner(ledger)).toBe(present.length);
    expect(await listPresentIds(ledger, { owner: owner ?? '' })).toEqual(present);
    await client.zadd(index, 1, 'swarm_old_000000000');
    expect(await listPresentIds(ledger, { owner: owner ?? '' })).toEqual(present);
    expect(await client.zscore(index, 'swarm_old_000000000')).toBeNull();
  } finally {
    ledger.redis.disconnect();
  }
});
