import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { openEventStream } from './event-stream.ts';
import { openSocket } from './socket-client.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
const servers: TestApi[] = [];
beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.api.close();
});
afterAll(() => redis?.stop());

/** Servers that share budgets. */
async function start(count: number, env: Record<string, string>, at = redis): Promise<TestApi[]> {
  const prefix = `${redis.prefix}-${Math.random().toString(36).slice(2)}`;
  const common = { HOST: '127.0.0.1', REDIS_PREFIX: prefix, AUTH_ENABLED: 'true', API_KEYS: 'key-a,key-b' };
  const started: TestApi[] = [];
  for (let place = 0; place < count; place += 1) started.push(await startTestApi(at, { ...common, ...env }));
  servers.push(...started);
  return started;
}
async function startOne(env: Record<string, string>, at = redis): Promise<TestApi> {
  const [server] = await start(1, env, at);
  if (server === undefined) throw new Error('no server');
  return server;
}

test('two servers share one budget, also when both are asked at once', async () => {
  const pair = await start(2, { RATE_LIMIT_READS: '10' });
  const asked = Array.from({ length: 30 }, (_, place) =>
    pair[place % 2]?.call('/api/swarms', { key: 'key-a' }).then(({ status }) => status),
  );
  const statuses = await Promise.all(asked);
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  for (const server of pair) expect((await server.call('/api/swarms', { key: 'key-b' })).status).toBe(200);
});

test('creations, other writes and reads are counted apart', async () => {
  const server = await startOne({ RATE_LIMIT_MAX: '2', RATE_LIMIT_CREATIONS: '1', RATE_LIMIT_READS: '3' });
  const create = () => server.post('/api/swarm/create', { objective: OBJECTIVE }, { key: 'key-a' });
  const ticket = () => server.post('/api/ws-ticket', undefined, { key: 'key-a' });
  const read = () => server.call('/api/swarms', { key: 'key-a' });
  const twice = async (ask: () => Promise<{ status: number }>) => [
    (await ask()).status,
    (await ask()).status,
  ];
  expect(await twice(create)).toEqual([201, 429]);
  expect(await twice(ticket)).toEqual([201, 201]);
  expect((await ticket()).status).toBe(429);
  expect(await twice(read)).toEqual([200, 200]);
  const last = await read();
  expect([last.status, last.headers.get('ratelimit-limit'), last.headers.get('ratelimit-remaining')]).toEqual(
    [200, '3', '0'],
  );
  const refused = await read();
  expect(refused.json).toMatchObject({ status: 429, code: 'limit_exceeded', error: 'Rate limit exceeded' });
  expect(refused.headers.get('retry-after')).toBe(String(refused.json.retryAfter));
  expect(refused.headers.get('ratelimit-reset')).toBe(String(refused.json.retryAfter));
  for (let time = 0; time < 5; time += 1) {
    for (const probe of ['/api/health', '/livez', '/readyz'])
      expect((await server.call(probe)).status).toBe(200);
  }
});

test('failed attempts are limited by address, over all servers; who has a key is not locked out', async () => {
  const pair = await start(2, { RATE_LIMIT_FAILED_AUTH: '4', TRUSTED_PROXY_HOPS: '1' });
  const [one, two] = pair;
  if (one === undefined || two === undefined) throw new Error('no servers');
  let guess = 0;
  const attempt = (server: TestApi, from: string) => {
    guess += 1;
    const headers = { 'x-forwarded-for': from, 'x-api-key': `guess-${guess}` };
    return server.call('/api/swarms', { headers });
  };
  const statuses: number[] = [];
  // What the client itself writes into the header, further left, changes nothing; nor does another key each time.
  for (const server of [one, two, one, two, one, two]) {
    statuses.push((await attempt(server, `10.9.9.${guess}, 203.0.113.7`)).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
  const refused = await attempt(one, '203.0.113.7');
  expect(refused.json).toMatchObject({ code: 'limit_exceeded', retryAfter: expect.any(Number) });
  expect((await attempt(one, '203.0.113.8')).status).toBe(401);
  const known = { 'x-forwarded-for': '203.0.113.7', 'x-api-key': 'key-a' };
  expect((await one.call('/api/swarms', { headers: known })).status).toBe(200);
});

test('one IPv6 customer is one address', async () => {
  const server = await startOne({ RATE_LIMIT_FAILED_AUTH: '2', TRUSTED_PROXY_HOPS: '1' });
  const attempt = async (from: string) =>
    (await server.call('/api/swarms', { headers: { 'x-forwarded-for': from } })).status;
  expect(await attempt('2001:db8:1:2::1')).toBe(401);
  expect(await attempt('2001:db8:1:2:ffff::2')).toBe(401);
  expect(await attempt('2001:db8:1:2:abcd:1:2:3')).toBe(429);
  expect(await attempt('2001:db8:1:3::1')).toBe(401);
});

test('without trusted proxies nobody chooses his address', async () => {
  const server = await startOne({ RATE_LIMIT_FAILED_AUTH: '2' });
  const statuses: number[] = [];
  for (let time = 0; time < 4; time += 1) {
    const headers = { 'x-forwarded-for': `203.0.113.${time}` };
    statuses.push((await server.call('/api/swarms', { headers })).status);
  }
  expect(statuses).toEqual([401, 401, 429, 429]);
});

test('while Redis is away, each server counts alone', async () => {
  const own = await startTestRedis({ ownServer: true });
  const server = await startOne({ RATE_LIMIT_MAX: '3', RATE_LIMIT_FAILED_AUTH: '2' }, own);
  await own.kill();
  await waitFor(async () => (await server.call('/api/health')).json.status === 'degraded', {
    deadlineMs: 5_000,
    what: 'the server to see that Redis is gone',
  });
  const write = async () => (await server.post('/api/ws-ticket', undefined, { key: 'key-a' })).status;
  expect([await write(), await write(), await write(), await write()]).toEqual([503, 503, 503, 429]);
  const guess = async () => (await server.call('/api/swarms', { key: 'guess' })).status;
  expect([await guess(), await guess(), await guess()]).toEqual([401, 401, 429]);
  await own.restart();
  await waitFor(async () => (await write()) === 201, { deadlineMs: 10_000, what: 'Redis to count again' });
  await server.api.close();
  servers.splice(0);
  await own.stop();
});

test('while Redis hangs, nobody waits twice, and limits go on', async () => {
  const own = await startTestRedis({ ownServer: true });
  const server = await startOne({ RATE_LIMIT_MAX: '3', RATE_LIMIT_WINDOW: '3600000' }, own);
  const write = async () => (await server.post('/api/ws-ticket', undefined, { key: 'key-a' })).status;
  expect(await write()).toBe(201);
  await own.kill('SIGSTOP');
  const statuses = await Promise.all(Array.from({ length: 8 }, write));
  expect(statuses).toEqual(Array.from({ length: 8 }, () => 503));
  const refused = await waitFor(async () => (await write()) === 429, {
    deadlineMs: 20_000,
    what: 'a refusal',
  });
  expect(refused).toBe(true);
  await own.kill('SIGCONT');
  await server.api.close();
  servers.splice(0);
  await own.stop();
});

test('a client that sends without end is cut off; others are not', async () => {
  const server = await startOne({});
  const headers = { 'x-api-key': 'key-a' };
  const [flood, calm] = [
    await openSocket(server.api.url, { headers }),
    await openSocket(server.api.url, { headers }),
  ];
  for (let count = 0; count < 2_000; count += 1) flood.send({ type: 'ping' });
  expect((await flood.closed()).code).toBe(1013);
  for (let count = 0; count < 50; count += 1) calm.send({ type: 'ping' });
  await waitFor(() => calm.frames.filter((frame) => frame.type === 'pong').length === 50, {
    deadlineMs: 5_000,
    what: 'the answers of a calm client',
  });
  await calm.close();
});

test('WebSockets and event streams of one caller are capped together, another caller’s are not', async () => {
  const server = await startOne({ MAX_STREAMS_PER_CALLER: '3' });
  const { url } = server.api;
  const as = (key: string) => ({ headers: { 'x-api-key': key } });
  const { swarmId } = (await server.post('/api/swarm/create', { objective: OBJECTIVE }, { key: 'key-a' }))
    .json;
  const stream = await openEventStream(url, swarmId, { key: 'key-a' });
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => openSocket(url, as('key-a'))));
  const opened = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  await waitFor(() => opened.filter(({ socket }) => socket.readyState === socket.OPEN).length === 2, {
    deadlineMs: 5_000,
    what: 'all but two to be closed',
  });
  for (const each of tries) if (each.status === 'rejected') expect(each.reason.message).toBe('refused: 429');
  await expect(openSocket(url, as('key-a'))).rejects.toThrow('refused: 429');
  await expect(openEventStream(url, swarmId, { key: 'key-a' })).rejects.toThrow('429');
  const other = await openSocket(url, as('key-b'));
  await stream.close();
  const again = await waitFor(() => openSocket(url, as('key-a')).catch(() => undefined), {
    deadlineMs: 5_000,
    what: 'room for one more',
  });
  for (const client of [other, again, ...opened]) client.socket.terminate();
});
