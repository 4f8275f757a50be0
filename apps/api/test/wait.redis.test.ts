import { deleteSwarm } from '@claude-flow/core/store/swarms';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis, { MAX_STREAMS_PER_CALLER: '3' });
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const SOON = { deadlineMs: 20_000 };
let swarmId: string;
let path: string;
beforeEach(async () => {
  ({ swarmId } = (await server.post('/api/swarm/create', diamondSwarm)).json);
  path = `/api/swarm/${swarmId}`;
});
const waiting = (one: TestApi = server) => one.api.deps.streams.count;
/** Asks; there when the server has begun to wait. The answer is in the box, for `await` would unpack a promise of it. */
async function begin(query: string, one?: TestApi) {
  const box: { answer?: Awaited<ReturnType<TestApi['call']>>; done: Promise<void> } = {
    done: Promise.resolve(),
  };
  const before = waiting(one);
  box.done = (one ?? server).call(`${path}${query}`).then((answer) => {
    box.answer = answer;
  });
  await waitFor(() => waiting(one) === before + 1, { ...SOON, what: 'the server to wait' });
  return box;
}

test('each change of its status is the answer, and all that wait get it', async () => {
  const steps: [string, string][] = [
    ['start', 'executing'],
    ['pause', 'paused'],
    ['resume', 'executing'],
    ['stop', 'failed'],
  ];
  for (const [command, status] of steps) {
    const one = await begin('?wait=50');
    const other = await begin('?wait=50');
    await server.post(`${path}/${command}`);
    await Promise.all([one.done, other.done]);
    expect([one.answer?.json.data.status, other.answer?.json.data.status]).toEqual([status, status]);
  }
  expect(waiting()).toBe(0);
});

test('what is no change of its status does not end the wait; its time does', async () => {
  await server.post(`${path}/start`);
  const box = await begin('?wait=1');
  await server.post(`${path}/agents`, { type: 'coder' });
  expect(box.answer).toBeUndefined();
  await box.done;
  expect(box.answer?.json.data.status).toBe('executing');
});

test('answered at once: when it has ended, and when it is not as the caller thinks', async () => {
  const known = await server.call(`${path}?wait=50&status=executing`);
  expect(known.json.data.status).toBe('planning');
  await server.post(`${path}/stop`);
  expect((await server.call(`${path}?wait=50`)).json.data.status).toBe('failed');
});

test('a swarm that is deleted meanwhile is stopped, or not found any more', async () => {
  const box = await begin('?wait=50');
  const ledger = await openLedger(redis);
  await deleteSwarm(ledger, swarmId);
  ledger.redis.disconnect();
  await box.done;
  const { status, json } = box.answer ?? { status: 0, json: undefined };
  expect(status === 404 || json?.data.status === 'failed').toBe(true);
});

test('a caller has as many open as may be, and one that goes away makes place', async () => {
  const abort = new AbortController();
  const gone = fetch(`${server.api.url}${path}?wait=50`, { signal: abort.signal }).catch(() => undefined);
  await waitFor(() => waiting() === 1, { ...SOON, what: 'the first' });
  const others = [await begin('?wait=50'), await begin('?wait=50')];
  expect((await server.call(`${path}?wait=50`)).status).toBe(429);
  expect((await server.call(path)).status).toBe(200);
  abort.abort();
  await gone;
  await waitFor(() => waiting() === 2, { ...SOON, what: 'its place to be free' });
  await server.post(`${path}/stop`);
  await Promise.all(others.map(({ done }) => done));
});

test('a server that stops answers those that wait', async () => {
  const own = await startTestApi(redis);
  const box = await begin('?wait=50', own);
  await own.api.close();
  await box.done;
  expect(box.answer?.json.data.status).toBe('planning');
});

test.each(['wait=0', 'wait=56', 'wait=soon', 'wait=5&status=done'])(
  '%s is refused by name',
  async (query) => {
    const { status, json } = await server.call(`${path}?${query}`);
    expect(status).toBe(400);
    expect(json.details[0].message).toMatch(/^(wait|status) must be/);
  },
);

test('a wait that is no number of seconds is refused, also of a swarm that has ended', async () => {
  await server.post(`${path}/stop`);
  for (const wait of ['abc', '', '0', '56', '1.5', '-1']) {
    const { status, json } = await server.call(`${path}?wait=${wait}`);
    expect([wait, status, json.details[0].field]).toEqual([wait, 400, 'wait']);
  }
});
