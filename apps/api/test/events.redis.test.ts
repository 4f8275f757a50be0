import { completeTask } from '@claude-flow/core/store/completions';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { claimTask, dispatchTasks } from '@claude-flow/core/store/tasks';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { openEventStream } from './event-stream.ts';
import { startMiniWorker } from './mini-worker.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  ledger = await openLedger(redis);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await server?.api.close();
  await redis?.stop();
});

const create = async (body: object = diamondSwarm) =>
  (await server.post('/api/swarm/create', body)).json.swarmId as string;
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => index + from);
const lastEvent = async (swarmId: string) =>
  (await server.call(`/api/swarm/${swarmId}`)).json.data.lastEvent as number;

/** Runs whatever can run, without jobs. */
async function runReady(swarmId: string): Promise<void> {
  const { queued } = await dispatchTasks(ledger, swarmId, 100);
  for (const task of queued) {
    const claimed = await claimTask(ledger, { ...task, token: `t-${task.taskId}`, workerId: 'test' });
    if (!claimed.claimed) throw new Error(claimed.why);
    const result = {
      summary: '',
      decisions: [],
      output: 'done',
      openQuestions: [],
      artifacts: [],
      quality: null,
    };
    await completeTask(ledger, claimed.claim, result, {});
  }
}

test('past, then live, then the end: every event once and in order', async () => {
  const swarmId = await create();
  const stream = await openEventStream(server.api.url, swarmId);
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  await stream.until((events) => events.length >= 6, 'the past');
  expect(stream.events.slice(0, 2).map(({ event }) => event)).toEqual(['swarm.created', 'swarm.planned']);
  const worker = startMiniWorker(redis);
  try {
    await server.post(`/api/swarm/${swarmId}/start`);
    await stream.ended();
  } finally {
    await worker.stop();
  }
  expect(stream.events.map(({ id }) => Number.parseInt(id ?? '', 10))).toEqual(
    numbers(await lastEvent(swarmId)),
  );
  const { data, ...last } = stream.events.at(-1) ?? {};
  expect(last).toMatchObject({ event: 'swarm.completed' });
  expect(JSON.parse(data ?? '')).toMatchObject({
    type: 'swarm_event',
    swarmId,
    eventType: 'swarm.completed',
  });
  const assigned = stream.events.find(({ event }) => event === 'task.assigned');
  expect(JSON.parse(assigned?.data ?? '').data).toMatchObject({
    taskId: 'task_001',
    agentId: 'agent_001',
    attempt: 1,
  });
});

test('a client that was away goes on after Last-Event-ID, which wins over after', async () => {
  const swarmId = await create();
  const first = await openEventStream(server.api.url, swarmId, { after: 2 });
  await first.until((events) => events.length >= 2, 'two events');
  expect(first.events.slice(0, 2).map(({ id }) => Number.parseInt(id ?? '', 10))).toEqual([3, 4]);
  await first.close();
  await waitFor(() => server.api.app.request('/livez'), { deadlineMs: 1_000, what: 'the server to live on' });

  await server.post(`/api/swarm/${swarmId}/start`);
  const second = await openEventStream(server.api.url, swarmId, { after: 1, lastEventId: '4' });
  await runReady(swarmId).catch(() => undefined);
  await second.until((events) => events.length >= 4, 'more events');
  expect(second.events[0]?.id).toMatch(/^5-/);
  await second.close();
});

test('the stream of a swarm that has ended ends at once; asked again after its last event, it is 204', async () => {
  const swarmId = await create();
  await server.post(`/api/swarm/${swarmId}/stop`);
  const count = await lastEvent(swarmId);
  const all = await openEventStream(server.api.url, swarmId);
  await all.ended();
  expect(all.events.map(({ id }) => Number.parseInt(id ?? '', 10))).toEqual(numbers(count));
  expect(all.events.at(-1)?.event).toBe('swarm.stopped');
  const headers = { accept: 'text/event-stream' };
  const path = `/api/swarm/${swarmId}/events`;
  const status = async (query: string, lastEventId?: string) => {
    const id = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    return (await server.call(`${path}${query}`, { headers: { ...headers, ...id } })).status;
  };
  const last = all.events.at(-1)?.id ?? '';
  const [seq, epoch] = last.split('-');
  expect(await status('', last)).toBe(204);
  expect(await status('', String(count))).toBe(204);
  expect(await status(`?after=${seq}&epoch=${epoch}`)).toBe(204);
  // Something is left, or the place is of another history: that has to be told.
  expect(await status('', `${count - 1}-${epoch}`)).toBe(200);
  expect(await status('', `${seq}-${Number(epoch) + 1}`)).toBe(200);
  expect(await status('', 'abc')).toBe(200);
});

test('open streams are counted, forgotten when their client leaves, and ended when the server stops', async () => {
  const connected = async (api: TestApi) =>
    (await api.call('/api/system/stats')).json.server.connectedClients;
  const own = await startTestApi(redis);
  const swarmId = (await own.post('/api/swarm/create', diamondSwarm)).json.swarmId;
  const [one, two] = [
    await openEventStream(own.api.url, swarmId),
    await openEventStream(own.api.url, swarmId),
  ];
  expect(await connected(own)).toBe(2);
  await one.close();
  await waitFor(async () => (await connected(own)) === 1, { deadlineMs: 5_000, what: 'one to be forgotten' });
  await own.api.close();
  await two.ended();
});

test('a HEAD request opens no stream', async () => {
  const connected = async () => (await server.call('/api/system/stats')).json.server.connectedClients;
  const before = await connected();
  const swarmId = await create();
  const path = `/api/swarm/${swarmId}/events`;
  const headers = { accept: 'text/event-stream' };
  const { status, text } = await server.call(path, { method: 'HEAD', headers });
  expect([status, text]).toEqual([200, '']);
  await waitFor(async () => (await connected()) === before, { deadlineMs: 5_000, what: 'nobody connected' });
});

test('a graph of a thousand tasks: its past arrives whole', async () => {
  const tasks = Array.from({ length: 1_000 }, (_, index) => ({
    key: `t${index}`,
    name: `Task ${index}`,
    description: 'Do what there is to do',
  }));
  const swarmId = await create({ objective: 'A very broad objective', tasks });
  await server.post(`/api/swarm/${swarmId}/stop`);
  const stream = await openEventStream(server.api.url, swarmId);
  await stream.ended();
  expect(stream.events.map(({ id }) => Number.parseInt(id ?? '', 10))).toEqual(
    numbers(await lastEvent(swarmId)),
  );
  expect(stream.events.length).toBeGreaterThan(2_000);
});

describe('a place that is gone', () => {
  /** Takes the first entry of the stream away: the events of the creation. @returns the number of the first event left */
  const trim = async (swarmId: string) => {
    const key = ledger.keys.swarm(swarmId, 'events');
    const [first] = await ledger.redis.xrange(key, '-', '+', 'COUNT', 1);
    const firstSeq = Number.parseInt(first?.[0] ?? '', 10) + 1;
    await ledger.redis.xtrim(key, 'MINID', `${firstSeq}-0`);
    return firstSeq;
  };
  const page = (swarmId: string, query: string) =>
    server.call(`/api/swarm/${swarmId}/events?${query}`).then(({ json }) => json);

  test('in pages: what was trimmed away is said, and the rest given', async () => {
    const swarmId = await create();
    await server.post(`/api/swarm/${swarmId}/stop`);
    const last = await lastEvent(swarmId);
    const firstSeq = await trim(swarmId);
    const trimmed = await page(swarmId, 'after=0');
    const { epoch } = trimmed.events[0];
    expect(trimmed.resyncRequired).toEqual({ swarmId, epoch, firstSeq, seq: last });
    expect(trimmed.events[0].seq).toBe(firstSeq);
    expect(await page(swarmId, `after=${firstSeq}&epoch=${epoch}`)).not.toHaveProperty('resyncRequired');
    expect(await page(swarmId, `after=${firstSeq - 1}&epoch=${epoch}`)).not.toHaveProperty('resyncRequired');
    expect(await page(swarmId, `after=${last}`)).toMatchObject({ count: 0, next: last });
    for (const gone of [
      `after=${firstSeq}&epoch=${epoch + 1}`,
      `after=${last + 1}&epoch=${epoch}`,
      'after=0',
    ]) {
      expect(await page(swarmId, gone)).toMatchObject({
        resyncRequired: { firstSeq, seq: last },
        next: last,
      });
    }
  });

  test('in a stream: resync_required comes first, then all that is kept', async () => {
    const swarmId = await create();
    await server.post(`/api/swarm/${swarmId}/stop`);
    const last = await lastEvent(swarmId);
    const firstSeq = await trim(swarmId);
    const stream = await openEventStream(server.api.url, swarmId, { lastEventId: `${firstSeq}-1` });
    await stream.ended();
    const [resync, ...rest] = stream.events;
    expect(resync).toMatchObject({ id: String(firstSeq - 1), event: 'resync_required' });
    expect(JSON.parse(resync?.data ?? '')).toMatchObject({
      type: 'resync_required',
      swarmId,
      firstSeq,
      seq: last,
    });
    expect(rest.map(({ id }) => Number.parseInt(id ?? '', 10))).toEqual(numbers(last).slice(firstSeq - 1));
    const goesOn = await openEventStream(server.api.url, swarmId, { lastEventId: rest[0]?.id ?? '' });
    await goesOn.ended();
    expect(goesOn.events).toEqual(rest.slice(1));
  });
});
