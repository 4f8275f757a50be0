import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { openSocket, type SocketClient } from './socket-client.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const [mine, theirs, admin] = [
  'a-key-that-is-long-enough',
  'another-key-long-enough',
  'the-key-of-the-admin',
];
let redis: TestRedis;
let one: TestApi;
let two: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  const env = {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    API_KEYS: `${mine},${theirs}`,
    ADMIN_API_KEYS: admin,
    RATE_LIMIT_MAX: '10000',
    RATE_LIMIT_CREATIONS: '10000',
    RATE_LIMIT_READS: '10000',
  };
  [one, two] = [await startTestApi(redis, env), await startTestApi(redis, env)];
});
afterAll(async () => {
  await one?.api.close();
  await two?.api.close();
  await redis?.stop();
});

const create = async (server: TestApi, key = mine) =>
  (await server.post('/api/swarm/create', diamondSwarm, { key })).json.swarmId as string;
const stop = (server: TestApi, swarmId: string, key = mine) =>
  server.post(`/api/swarm/${swarmId}/stop`, undefined, { key });
const last = async (swarmId: string) =>
  (await one.call(`/api/swarm/${swarmId}`, { key: admin })).json.data.lastEvent as number;
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const connect = (server: TestApi, key = mine) =>
  openSocket(server.api.url, { headers: { 'x-api-key': key } });

const followed = (client: SocketClient, swarmId: string) =>
  client.frame((frame) => frame.type === 'subscribed' && frame.swarmId === swarmId, `subscribed ${swarmId}`);
const ended = (client: SocketClient, swarmId: string) =>
  client.frame((frame) => frame.eventType === 'swarm.stopped' && frame.swarmId === swarmId, 'the stop');

async function followAll(server: TestApi, key = mine, wish: object = {}): Promise<SocketClient> {
  const client = await connect(server, key);
  client.send({ type: 'subscribe', swarmId: '*', ...wish });
  await followed(client, '*');
  return client;
}

test('what there is from now on, what comes from its first event, over both servers; an owner’s own only', async () => {
  const old = await create(one);
  const oldPast = await last(old);
  const foreign = await create(one, theirs);
  const [left, right] = [await followAll(one), await followAll(two)];
  const [other, everybody] = [await followAll(two, theirs), await followAll(one, admin)];
  expect(await followed(left, old)).toMatchObject({ seq: oldPast, epoch: expect.any(Number) });
  const created = [await create(one), await create(two)];
  const foreignLater = await create(two, theirs);
  for (const id of [old, ...created]) await stop(one, id);
  for (const id of [foreign, foreignLater]) await stop(two, id, theirs);
  const all = [old, ...created];
  for (const client of [left, right, everybody]) {
    for (const id of all) await ended(client, id);
    expect(client.seqs(old)).toEqual(numbers(oldPast + 1, await last(old)));
    for (const id of created) expect(client.seqs(id)).toEqual(numbers(1, await last(id)));
  }
  for (const client of [other, everybody]) {
    await ended(client, foreign);
    await ended(client, foreignLater);
    expect(client.seqs(foreignLater)).toEqual(numbers(1, await last(foreignLater)));
  }
  const named = (client: SocketClient) =>
    new Set(client.frames.map((frame) => frame.swarmId).filter(Boolean));
  for (const client of [left, right]) expect(named(client)).toEqual(new Set(['*', ...all]));
  expect(named(other)).toEqual(new Set(['*', foreign, foreignLater]));
  for (const client of [left, right, other, everybody]) await client.close();
});

test('a client that was away goes on elsewhere: each swarm after its place, new ones whole, ended ones too', async () => {
  const [known, quiet] = [await create(one), await create(one)];
  const first = await followAll(one, mine, { after: 0 });
  expect(first.seqs(known)).toEqual(numbers(1, await last(known)));
  const since = Date.now();
  const places = Object.fromEntries(
    await Promise.all([known, quiet].map(async (id) => [id, [await last(id)]] as const)),
  );
  await first.close();
  await stop(one, known);
  const [born, bornAndEnded, foreign] = [await create(two), await create(two), await create(two, theirs)];
  await stop(two, bornAndEnded);

  const client = await connect(two);
  const wish = { type: 'subscribe', swarmId: '*' };
  // In two messages; that somebody names another's swarm changes nothing.
  client.send({ ...wish, places: { [quiet]: places[quiet], [foreign]: [1] }, more: true });
  client.send({ ...wish, since, places: { [known]: places[known] } });
  await followed(client, '*');
  expect(client.seqs(known)).toEqual(numbers((places[known]?.[0] ?? 0) + 1, await last(known)));
  expect(client.seqs(quiet)).toEqual([]);
  for (const id of [born, bornAndEnded]) expect(client.seqs(id)).toEqual(numbers(1, await last(id)));
  await stop(one, quiet);
  await ended(client, quiet);
  expect(client.seqs(quiet)).toEqual(numbers((places[quiet]?.[0] ?? 0) + 1, await last(quiet)));
  expect(JSON.stringify(client.frames)).not.toContain(foreign);
  await client.close();
});

test('beside swarms followed by name: each event once; without *, those by name go on', async () => {
  const [named, other] = [await create(one), await create(one)];
  const client = await connect(one);
  client.send({ type: 'subscribe', swarmId: named });
  for (let i = 0; i < 3; i += 1) client.send({ type: 'subscribe', swarmId: '*' });
  await followed(client, '*');
  await followed(client, named);
  const leftOut = await create(two);
  await followed(client, leftOut);
  client.send({ type: 'unsubscribe', swarmId: leftOut });
  client.send({ type: 'unsubscribe', swarmId: '*' });
  await client.frame(({ type, swarmId }) => type === 'unsubscribed' && swarmId === '*', 'the answer');
  for (const id of [leftOut, other, named]) await stop(two, id);
  await ended(client, named);
  expect(client.seqs(named)).toEqual(numbers(1, await last(named)));
  expect(client.seqs(other)).toEqual([]);
  expect(client.frames.some((frame) => frame.eventType === 'swarm.stopped' && frame.swarmId !== named)).toBe(
    false,
  );
  await client.close();
});

test('* counts for nothing against the 50 by name', async () => {
  const ids = await Promise.all(numbers(1, 50).map(() => create(one)));
  const client = await followAll(one);
  for (const swarmId of ids) client.send({ type: 'subscribe', swarmId, after: 1 });
  await waitFor(() => ids.every((id) => client.seqs(id).length > 0), {
    deadlineMs: 10_000,
    what: 'all fifty',
  });
  const more = await create(one);
  await followed(client, more);
  client.send({ type: 'subscribe', swarmId: more });
  expect(await client.frame((frame) => frame.type === 'error', 'the refusal')).toMatchObject({
    code: 'too_many_subscriptions',
    swarmId: more,
  });
  await client.close();
});

test('a key that is revoked: 4401, and nothing afterwards', async () => {
  const { json } = await one.post('/api/keys', { name: 'short', owner: 'short' }, { key: admin });
  const client = await followAll(two, json.key);
  const swarmId = await create(one, json.key);
  await followed(client, swarmId);
  await one.call(`/api/keys/${json.keyId}`, { method: 'DELETE', key: admin });
  expect((await client.closed()).code).toBe(4401);
  const before = client.frames.length;
  await stop(one, swarmId, admin);
  expect(client.frames).toHaveLength(before);
});
