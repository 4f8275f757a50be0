import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { startMiniWorker } from './mini-worker.ts';
import { openRaw, type RawSocket } from './raw-socket.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const MIB = 1024 * 1024;
const LIMIT = 8 * MIB;
const [SLOW_ADDRESS, OTHER_ADDRESS] = ['10.0.0.1', '10.0.0.2'];
const LARGE_PATH = '/api/swarms?large';
const [slow, other] = ['key-of-slow-reader', 'key-of-another-one'];
const DEADLINE = { deadlineMs: 20_000 };
/** More than the kernel keeps for one connection, so that some of it waits in the process. */
const LARGE = 'x'.repeat(24 * MIB);
let redis: TestRedis;
let server: TestApi | undefined;
const readers: RawSocket[] = [];
beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(async () => {
  for (const { socket } of readers.splice(0)) socket.destroy();
  await server?.api.close();
});
afterAll(() => redis?.stop());

/** @param large `?large` is answered with 24 MiB, made anew for each request */
async function start(env: Record<string, string> = {}, large = false): Promise<TestApi> {
  const auth = {
    HOST: '127.0.0.1',
    TRUSTED_PROXY_HOPS: '1',
    AUTH_ENABLED: 'true',
    API_KEYS: `${slow},${other}`,
  };
  server = await startTestApi(
    redis,
    { ...auth, ...env },
    {
      ...(large
        ? {
            front: async (c, next) =>
              c.req.query('large') === undefined ? next() : c.text(`${LARGE}${Math.random()}`),
          }
        : {}),
    },
  );
  return server;
}

/** @param times so many requests at once */
async function deaf(api: TestApi, path: string, times = 1): Promise<RawSocket> {
  const reader = await openRaw(api.api.port);
  readers.push(reader);
  reader.socket.pause();
  const head = `Host: localhost\r\nX-Forwarded-For: ${SLOW_ADDRESS}\r\nX-API-Key: ${slow}`;
  reader.write(`GET ${path} HTTP/1.1\r\n${head}\r\n\r\n`.repeat(times));
  return reader;
}
const unread = (api: TestApi) => api.api.deps.unread.heldBy({ address: SLOW_ADDRESS });

test.each(['/docs/scalar.js', '/openapi.json'])(
  '%s is one buffer for all: who asks for it and does not read holds pieces of it only',
  async (path) => {
    const api = await start({ MAX_UNREAD_BYTES: String(4096 * MIB), RATE_LIMIT_READS: '10000' });
    const whole = (await api.call(path, { key: other })).text.length;
    expect(whole).toBeGreaterThan(200_000);
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 10; i += 1) await deaf(api, path, 40);
    expect((await api.call(path, { key: other })).text).toHaveLength(whole);
    expect(api.api.deps.unread.heldBy({ address: SLOW_ADDRESS })).toBeLessThan(10 * 40 * 3 * 64 * 1024);
    // A copy for each of them would be more than this for the larger one.
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * MIB);
  },
);

test('answers that are not read are bounded; a further request is told why, another owner feels nothing', async () => {
  const api = await start({ MAX_UNREAD_BYTES: String(LIMIT) }, true);
  await Promise.all(Array.from({ length: 30 }, () => deaf(api, LARGE_PATH)));
  // All came in before anything waited: each is judged when its answer is written.
  await waitFor(
    () =>
      unread(api) > 0 && api.api.deps.unread.heldBy({ address: SLOW_ADDRESS }) <= LARGE.length + 64 * 1024,
    {
      ...DEADLINE,
      what: 'one answer to be left',
    },
  );
  const refused = await api.call('/api/swarms', { key: slow, headers: { 'x-forwarded-for': SLOW_ADDRESS } });
  expect([refused.status, refused.json.code]).toEqual([429, 'limit_exceeded']);
  expect(refused.json.detail).toContain('MAX_UNREAD_BYTES');
  const headers = { 'x-forwarded-for': OTHER_ADDRESS, 'x-api-key': other };
  const served = await fetch(`${api.api.url}${LARGE_PATH}`, { headers });
  expect([served.status, (await served.text()).length > LARGE.length]).toEqual([200, true]);
});

test('a reader that takes nothing is disconnected; probes and other owners go on', async () => {
  const api = await start({ READ_GRACE: '500' }, true);
  await deaf(api, LARGE_PATH);
  await waitFor(() => unread(api) > 0, { ...DEADLINE, what: 'something to wait' });
  await waitFor(() => unread(api) === 0, { ...DEADLINE, what: 'the reader to be let go' });
  expect(
    (await api.call('/api/swarms', { key: other, headers: { 'x-forwarded-for': OTHER_ADDRESS } })).status,
  ).toBe(200);
});

test('many requests on one connection are one reader: it is ended, however their answers wait', async () => {
  const api = await start({ MAX_UNREAD_BYTES: String(LIMIT) }, true);
  const reader = await deaf(api, LARGE_PATH, 20);
  let over = false;
  reader.socket.on('close', () => {
    over = true;
  });
  reader.socket.resume();
  await waitFor(() => over, { ...DEADLINE, what: 'the end of the connection' });
  expect(reader.text().length).toBeLessThan(LARGE.length * 3);
  await waitFor(() => unread(api) === 0, { ...DEADLINE, what: 'nothing to wait' });
});

/** Takes so many bytes each 100 ms. */
async function paced(api: TestApi, bytes: number): Promise<{ taken(): number; stop(): void }> {
  const reader = await deaf(api, LARGE_PATH);
  let taken = 0;
  let allowed = bytes;
  reader.socket.on('data', (chunk) => {
    taken += chunk.length;
    allowed -= chunk.length;
    if (allowed <= 0) reader.socket.pause();
  });
  const timer = setInterval(() => {
    allowed = bytes;
    reader.socket.resume();
  }, 100);
  return { taken: () => taken, stop: () => clearInterval(timer) };
}

test('a reader that takes its time, but more than the pace, is given all of it', async () => {
  const api = await start({ READ_PACE: '1000', READ_GRACE: '2000' }, true);
  // Thousands of times the pace, with breaks; the answer still lasts longer than it is measured over.
  const reader = await paced(api, MIB);
  await waitFor(() => reader.taken() > LARGE.length, { deadlineMs: 50_000, what: 'the whole answer' });
  reader.stop();
}, 60_000);

test('a reader that goes on reading, but less than the pace, is disconnected', async () => {
  const api = await start({ READ_PACE: '1000000', READ_GRACE: '500' }, true);
  const reader = await paced(api, 5_000);
  await waitFor(() => unread(api) > 0, { ...DEADLINE, what: 'something to wait' });
  await waitFor(() => unread(api) === 0, { ...DEADLINE, what: 'the reader to be let go' });
  reader.stop();
  expect(reader.taken()).toBeLessThan(LARGE.length / 2);
});

describe('real routes with much to say', () => {
  const TASKS = 60;
  const OUTPUT = 'o'.repeat(250 * 1024);
  const FILE = Buffer.alloc(15 * MIB, 'f');
  const READERS = 12;
  let swarmId: string;

  beforeAll(async () => {
    const api = await start();
    const task = (i: number) => ({
      key: `k${i}`,
      name: `Task ${i}`,
      description: 'Say very much',
      agentType: 'coder',
    });
    const tasks = Array.from({ length: TASKS }, (_, i) => task(i));
    const body = { objective: OBJECTIVE, tasks, autoStart: true, maxAgents: 50 };
    const worker = startMiniWorker(redis, {
      output: () => OUTPUT,
      files: { k0: [{ path: 'large.txt', content: FILE }] },
    });
    swarmId = (await api.post('/api/swarm/create', body, { key: slow })).json.swarmId;
    await waitFor(
      async () => (await api.call(`/api/swarm/${swarmId}`, { key: slow })).json.data.status === 'completed',
      { ...DEADLINE, what: 'the work to be done' },
    );
    await worker.stop();
    await api.api.close();
  });

  test.each([
    // The outputs are read and written a few at a time; a reader holds back what comes after.
    ['results', () => `/api/swarm/${swarmId}/results`, READERS * 2 * 10 * OUTPUT.length],
    ['a file', () => `/api/swarm/${swarmId}/artifacts/task_001/large.txt`, LIMIT + FILE.length],
    // A file that is being written counts as what is read for its archive, and as what waits: rather too much than too little.
    ['all files', () => `/api/swarm/${swarmId}/artifacts.tar`, LIMIT + 2 * FILE.length],
    ['tasks', () => `/api/swarm/${swarmId}/tasks?limit=200`, LIMIT],
  ])('%s: what waits is bounded, and another owner is answered', async (_what, path, bound) => {
    const api = await start({ MAX_UNREAD_BYTES: String(LIMIT), RATE_LIMIT_READS: '100000' });
    let most = 0;
    const look = setInterval(() => {
      most = Math.max(most, unread(api));
    }, 1);
    await Promise.all(Array.from({ length: READERS }, () => deaf(api, path())));
    const headers = { 'x-forwarded-for': OTHER_ADDRESS };
    const statuses: number[] = [];
    await waitFor(
      async () => {
        statuses.push((await api.call('/api/swarms', { key: other, headers })).status);
        return statuses.length >= 20 && most > 0;
      },
      { ...DEADLINE, what: 'answers to the one, and something that the other has not read' },
    );
    clearInterval(look);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(most).toBeLessThanOrEqual(bound);
  });
});
