import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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
