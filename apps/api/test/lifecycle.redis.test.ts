import { controlMessageSchema } from '@claude-flow/core/contracts/control';
import { createRedis } from '@claude-flow/core/redis/connect';
import { subscribeControl } from '@claude-flow/core/relay/control';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { storePlan } from '@claude-flow/core/store/plans';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diamondSwarm, OBJECTIVE } from './bodies.ts';
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

const data = async (swarmId: string) => (await server.call(`/api/swarm/${swarmId}`)).json.data;
const create = async (body: object = diamondSwarm) =>
  (await server.post('/api/swarm/create', body)).json.swarmId as string;

test('of ten simultaneous starts one wins, whether the swarm is planned or not', async () => {
  for (const body of [diamondSwarm, { objective: OBJECTIVE }]) {
    const swarmId = await create(body);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => server.post(`/api/swarm/${swarmId}/start`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
    const lost = answers.find(({ status }) => status === 409);
    expect(lost?.json).toMatchObject({ code: 'swarm_state_conflict' });
    expect(lost?.json.message).toMatch(/executing/);
  }
});

test('a swarm reads planning until it is started, executing from then on, planned or not', async () => {
  const swarmId = await create({ objective: OBJECTIVE });
  expect(await data(swarmId)).toMatchObject({ status: 'planning', planned: false });
  const { json } = await server.post(`/api/swarm/${swarmId}/start`);
  expect(json).toMatchObject({ status: 'executing', data: { status: 'executing', planned: false } });
  await storePlan(ledger, swarmId, 'a planner', {
    source: 'template',
    degraded: true,
    summary: 'As the test says',
    tasks: [],
  });
  expect(await data(swarmId)).toMatchObject({
    status: 'executing',
    planned: true,
    planSource: 'template',
    planDegraded: true,
  });
  const planned = await create();
  expect(await data(planned)).toMatchObject({ status: 'planning', planned: true });
});

test('create asks a scheduler for the plan, unless the caller brought one', async () => {
  const plain = await create({ objective: OBJECTIVE });
  const own = await create();
  const jobs = (await server.call('/admin/queues/api/queues?activeQueue=plan')).json.queues[0].jobs;
  const ids = jobs.map((job: { data: { swarmId: string } }) => job.data.swarmId);
  expect(ids).toContain(plain);
  expect(ids).not.toContain(own);
});

test('stop ends a swarm for good and tells the workers at once; it may be repeated', async () => {
  const subscriber = createRedis({ url: redis.url, name: 'test', mode: 'patient' });
  const heard: unknown[] = [];
  await subscribeControl(subscriber, ledger.keys.controlChannel, (message) => heard.push(message));
  const swarmId = await create();
  await server.post(`/api/swarm/${swarmId}/start`);
  const first = await server.post(`/api/swarm/${swarmId}/stop`);
  expect(first.json).toMatchObject({ status: 'stopped', data: { status: 'failed', reason: 'stopped' } });
  const again = await server.post(`/api/swarm/${swarmId}/stop`);
  expect(again).toMatchObject({ status: 200, json: { status: 'stopped' } });
  await waitFor(() => heard.length >= 1, { deadlineMs: 5_000, what: 'the stop to be broadcast' });
  expect(heard[0]).toEqual(controlMessageSchema.parse({ type: 'stop', swarmId }));
  subscriber.disconnect();

  const start = await server.post(`/api/swarm/${swarmId}/start`);
  expect(start.json).toMatchObject({ status: 409, message: expect.stringContaining('stopped') });
  const tasks = (await server.call(`/api/swarm/${swarmId}/tasks`)).json.tasks;
  expect(new Set(tasks.map((task: { status: string }) => task.status))).toEqual(new Set(['cancelled']));
});

test('a swarm that has ended cannot be stopped; one that failed says which task and why', async () => {
  const worker = startMiniWorker(redis, { failing: ['b'] });
  try {
    const swarmId = await create({ ...diamondSwarm, autoStart: true });
    const ended = await waitFor(
      async () => {
        const now = await data(swarmId);
        return now.status === 'failed' && now;
      },
      { deadlineMs: 10_000, what: 'the swarm to fail' },
    );
    expect(ended).toMatchObject({
      reason: 'task-failed',
      message: 'Task task_002 failed: It would not.',
      tasksByStatus: { completed: 2, failed: 1, skipped: 1 },
    });
    expect((await server.post(`/api/swarm/${swarmId}/stop`)).status).toBe(409);
    const task = (await server.call(`/api/swarm/${swarmId}/tasks/task_002`)).json.task;
    expect(task).toMatchObject({
      status: 'failed',
      result: null,
      error: { code: 'model_refused', message: 'It would not.' },
    });
  } finally {
    await worker.stop();
  }
});
