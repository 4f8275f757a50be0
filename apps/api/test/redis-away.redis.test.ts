import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { openEventStream } from './event-stream.ts';
import { openSocket } from './socket-client.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** The promise is one second; a shared machine may take its time, a hanging request takes for ever. */
const ANSWER_DEADLINE_MS = 4_000;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

let redis: TestRedis;
let server: TestApi;
beforeEach(async () => {
  redis = await startTestRedis({ ownServer: true, durable: true });
  server = await startTestApi(redis);
});
afterEach(async () => {
  await server?.api.close();
  await redis?.stop();
});

const inTime = <T>(answer: Promise<T>, what: string) =>
  waitFor(() => answer, { deadlineMs: ANSWER_DEADLINE_MS, what });

async function expectAway(swarmId: string): Promise<void> {
  const asked = {
    'reading a swarm': server.call(`/api/swarm/${swarmId}`),
    creating: server.post('/api/swarm/create', diamondSwarm),
    starting: server.post(`/api/swarm/${swarmId}/start`),
    stopping: server.post(`/api/swarm/${swarmId}/stop`),
    listing: server.call('/api/swarms'),
    'opening a stream': server.call(`/api/swarm/${swarmId}/events`, {
      headers: { accept: 'text/event-stream' },
    }),
  };
  for (const [what, answer] of Object.entries(asked)) {
    const { status, headers, json } = await inTime(answer, what);
    expect([what, status, headers.get('retry-after')]).toEqual([what, 503, '1']);
    expect(json).toMatchObject({
      code: 'redis_unavailable',
      retryAfter: 1,
      message: expect.stringMatching(/Try again/),
    });
  }
  expect((await inTime(server.call('/readyz'), 'readiness')).status).toBe(503);
  expect((await server.call('/livez')).status).toBe(200);
}

const recovered = () =>
  waitFor(async () => (await server.call('/readyz')).json.ready === true, {
    deadlineMs: 10_000,
    what: 'the server to find Redis again',
  });

test('Redis killed: 503 at once, then everything goes on without a restart, streams without gap or repeat', async () => {
  const swarmId = (await server.post('/api/swarm/create', diamondSwarm)).json.swarmId;
  const socket = await openSocket(server.api.url);
  socket.send({ type: 'subscribe', swarmId });
  await socket.frame((frame) => frame.type === 'subscribed', 'the past');
  const stream = await openEventStream(server.api.url, swarmId);
  await stream.until((events) => events.length >= 6, 'the past');

  await redis.kill();
  await waitFor(async () => (await server.call('/api/health')).json.status === 'degraded', {
    deadlineMs: 5_000,
    what: 'the server to see that Redis is gone',
  });
  await expectAway(swarmId);
  socket.send({ type: 'subscribe', swarmId: 'swarm_a_000000000' });
  await socket.frame((frame) => frame.code === 'redis_unavailable', 'the refusal');

  await redis.restart();
  await recovered();
  expect((await server.post('/api/swarm/create', diamondSwarm)).status).toBe(201);
  expect((await server.post(`/api/swarm/${swarmId}/stop`)).status).toBe(200);
  await socket.frame((frame) => frame.eventType === 'swarm.stopped', 'the end, on the socket of before');
  await stream.ended();
  const { lastEvent } = (await server.call(`/api/swarm/${swarmId}`)).json.data;
  expect(socket.seqs(swarmId)).toEqual(numbers(lastEvent));
  expect(stream.events.map(({ id }) => Number.parseInt(id ?? '', 10))).toEqual(numbers(lastEvent));
  await socket.close();
});

test('Redis halted, its connections open: 503 all the same', async () => {
  const swarmId = (await server.post('/api/swarm/create', diamondSwarm)).json.swarmId;
  await redis.kill('SIGSTOP');
  await expectAway(swarmId);
  await redis.kill('SIGCONT');
  await recovered();
  expect((await server.call(`/api/swarm/${swarmId}`)).status).toBe(200);
});

test('a Redis that may throw keys away: not ready, and why', async () => {
  const evicting = await startTestRedis({
    extraArgs: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
  });
  const api = await startTestApi(evicting);
  const { status, json } = await api.call('/readyz');
  expect([status, json.ready]).toEqual([503, false]);
  expect(json.reason).toContain('allkeys-lru');
  await api.api.close();
  await evicting.stop();
});
