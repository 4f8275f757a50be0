import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIAMOND, diamondSwarm, OBJECTIVE } from './bodies.ts';
import { type MiniWorker, startMiniWorker } from './mini-worker.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

/** Requirements API-22 to API-27 and C48, each command through either of two servers. */
let redis: TestRedis;
let one: TestApi;
let two: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  [one, two] = [await startTestApi(redis), await startTestApi(redis)];
});
afterAll(async () => {
  await one?.api.close();
  await two?.api.close();
  await redis?.stop();
});

const create = async (body: object = diamondSwarm) =>
  (await one.post('/api/swarm/create', body)).json.swarmId as string;
const data = async (id: string) => (await two.call(`/api/swarm/${id}`)).json.data;
const command = (api: TestApi, id: string, name: string) => api.post(`/api/swarm/${id}/${name}`);
/** Ten at once, half of them through each server. */
const ten = (id: string, name: string) =>
  Promise.all(Array.from({ length: 10 }, (_, i) => command(i % 2 === 0 ? one : two, id, name)));

/** Lets the task go on that a test holds. */
let release = () => {};

async function withWorker(
  options: Parameters<typeof startMiniWorker>[1],
  use: (worker: MiniWorker) => Promise<void>,
): Promise<void> {
  const worker = startMiniWorker(redis, options);
  try {
    await use(worker);
  } finally {
    release();
    await worker.stop();
  }
}

describe('API-22, API-27: start', () => {
  test('of ten at once one wins; the others are 409 and say how the swarm stands', async () => {
    const id = await create();
    const answers = await ten(id, 'start');
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
    expect(answers.find(({ status }) => status === 200)?.json).toMatchObject({
      swarmId: id,
      status: 'executing',
      message: 'Swarm started successfully',
      timestamp: expect.stringMatching(/Z$/),
    });
    expect(answers.find(({ status }) => status === 409)?.json.message).toContain('executing');
    await command(one, id, 'stop');
  });
});

describe('API-23, API-24: pause and resume', () => {
  test('ten pauses at once are one pause, ten resumes one; each is told once in the events', async () => {
    const id = await create();
    await command(one, id, 'start');
    const paused = await ten(id, 'pause');
    expect(paused.map(({ json }) => [json.status, json.data.status])).toEqual(
      Array(10).fill(['paused', 'paused']),
    );
    expect(paused.filter(({ json }) => json.message === 'Swarm paused successfully')).toHaveLength(1);
    const resumed = await ten(id, 'resume');
    expect(resumed.map(({ json }) => json.status)).toEqual(Array(10).fill('executing'));
    expect(resumed.filter(({ json }) => json.message === 'Swarm resumed successfully')).toHaveLength(1);
    const { events } = (await two.call(`/api/swarm/${id}/events`)).json;
    const told = events.map((event: { eventType: string }) => event.eventType);
    expect(told.filter((type: string) => type === 'swarm.paused')).toHaveLength(1);
    expect(told.filter((type: string) => type === 'swarm.resumed')).toHaveLength(1);
    await command(one, id, 'stop');
  });

  test('while it is paused nothing begins; resumed, it finishes', async () => {
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const during = async (spec: { key: string }) => (spec.key === 'a' ? held : undefined);
    await withWorker({ during }, async (worker) => {
      const id = await create({ ...diamondSwarm, autoStart: true });
      await waitFor(() => worker.begun.includes('a'), { deadlineMs: 10_000, what: 'a to begin' });
      expect((await command(two, id, 'pause')).status).toBe(200);
      release();
      await waitFor(async () => (await data(id)).tasksByStatus.completed === 1, {
        deadlineMs: 10_000,
        what: 'a to complete',
      });
      expect(await data(id)).toMatchObject({ status: 'paused', tasksByStatus: { ready: 2, blocked: 1 } });
      const why = (await one.call(`/api/swarm/${id}/tasks/task_002`)).json.why;
      expect(why).toBe('Its swarm is paused.');
      expect(worker.begun).toEqual(['a']);
      await command(one, id, 'resume');
      await waitFor(async () => (await data(id)).status === 'completed', {
        deadlineMs: 10_000,
        what: 'the swarm to complete',
      });
    });
  });

  test('409 before the start and after the end', async () => {
    const id = await create();
    for (const name of ['pause', 'resume']) {
      const early = await command(one, id, name);
      expect(early.json).toMatchObject({ status: 409, code: 'swarm_state_conflict' });
    }
    await command(one, id, 'stop');
    for (const name of ['pause', 'resume', 'start'])
      expect((await command(two, id, name)).json.message).toContain('stopped');
  });
});

describe('API-25: stop', () => {
  test('ten at once: one end, and nothing completes afterwards; a paused swarm can be stopped too', async () => {
    const id = await create({ ...diamondSwarm, autoStart: true });
    await command(two, id, 'pause');
    const answers = await ten(id, 'stop');
    expect(answers.map(({ status, json }) => [status, json.status])).toEqual(
      Array(10).fill([200, 'stopped']),
    );
    expect(await data(id)).toMatchObject({
      status: 'failed',
      reason: 'stopped',
      tasksByStatus: { cancelled: 4 },
    });
  });
});

describe('API-26: delete', () => {
  const gone = async (id: string) => {
    for (const path of ['', '/tasks', '/agents', '/results', '/metrics', '/logs', '/events', '/artifacts'])
      expect([path, (await two.call(`/api/swarm/${id}${path}`)).status]).toEqual([path, 404]);
  };

  test('a running swarm is gone from everywhere, in one answer; the delete may be repeated', async () => {
    const id = await create({ ...diamondSwarm, autoStart: true });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? one : two).call(`/api/swarm/${id}`, { method: 'DELETE' }),
      ),
    );
    expect(answers.map(({ status, json }) => [status, json.status])).toEqual(
      Array(10).fill([200, 'deleted']),
    );
    expect(answers[0]?.json).toMatchObject({ swarmId: id, data: { id } });
    await gone(id);
    const listed = (await one.call('/api/swarms?limit=200')).json.swarms;
    expect(listed.map((swarm: { swarmId: string }) => swarm.swarmId)).not.toContain(id);
    const again = await two.call(`/api/swarm/${id}`, { method: 'DELETE' });
    expect(again.json).toMatchObject({ status: 'deleted', message: 'The swarm was deleted before' });
    expect((await command(one, id, 'start')).status).toBe(404);
    const ledger = await openLedger(redis);
    try {
      expect(await ledger.redis.keys(`${ledger.keys.prefix}:{${id}}:*`)).toEqual([]);
      expect(await ledger.redis.zscore(ledger.keys.allSwarms, id)).toBeNull();
    } finally {
      ledger.redis.disconnect();
    }
  });

  test('one that was never there is 404; a late retry of the creation does not bring a deleted one back', async () => {
    const none = await one.call('/api/swarm/swarm_a_000000000', { method: 'DELETE' });
    expect(none.json).toMatchObject({ status: 404, code: 'swarm_not_found' });
    const headers = { 'idempotency-key': 'deleted-since' };
    const made = await one.post('/api/swarm/create', diamondSwarm, { headers });
    const id = made.json.swarmId as string;
    expect((await one.call(`/api/swarm/${id}`, { method: 'DELETE' })).status).toBe(200);
    const replayed = await two.post('/api/swarm/create', diamondSwarm, { headers });
    expect([replayed.status, replayed.json.swarmId]).toEqual([201, id]);
    expect(replayed.headers.get('idempotency-replayed')).toBe('true');
    await gone(id);
  });

  test('in every state', async () => {
    const planning = await create({ objective: OBJECTIVE });
    const ready = await create();
    const paused = await create({ ...diamondSwarm, autoStart: true });
    await command(one, paused, 'pause');
    const stopped = await create({ objective: OBJECTIVE, tasks: DIAMOND.slice(0, 1) });
    await command(one, stopped, 'stop');
    for (const id of [planning, ready, paused, stopped]) {
      expect((await one.call(`/api/swarm/${id}`, { method: 'DELETE' })).status).toBe(200);
      await gone(id);
    }
  });
});

test('C48: every command answers with the same envelope', async () => {
  const id = await create();
  const answers = [
    await command(one, id, 'start'),
    await command(one, id, 'pause'),
    await command(one, id, 'resume'),
    await one.post(`/api/swarm/${id}/agents`, { type: 'tester' }),
    await one.post(`/api/swarm/${id}/tasks`, {
      name: 'One more',
      description: 'Something else',
      type: 'custom',
    }),
    await command(one, id, 'stop'),
    await one.call(`/api/swarm/${id}`, { method: 'DELETE' }),
  ];
  for (const { json } of answers) {
    expect(json).toMatchObject({
      swarmId: id,
      status: expect.any(String),
      message: expect.any(String),
      data: expect.any(Object),
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  }
});
