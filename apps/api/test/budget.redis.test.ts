import { appendJournal } from '@claude-flow/core/store/journal';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diamondSwarm, OBJECTIVE } from './bodies.ts';
import { startMiniWorker } from './mini-worker.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const create = (over: object) => server.post('/api/swarm/create', { objective: OBJECTIVE, ...over });
const dataOf = async (id: string) => (await server.call(`/api/swarm/${id}`)).json.data;

describe('a budget', () => {
  test('is shown with what was used of it; without one there is none', async () => {
    const { json } = await create({ budget: { maxTokens: 1_000, maxCostUsd: 0.25 } });
    expect((await dataOf(json.swarmId)).budget).toEqual({
      maxTokens: 1_000,
      maxCostUsd: 0.25,
      usedTokens: 0,
      usedCostUsd: 0,
      percentUsed: 0,
    });
    const plain = await create({});
    expect((await dataOf(plain.json.swarmId)).budget).toBeNull();
  });

  test.each([
    [{}, 'budget'],
    [{ maxTokens: 0 }, 'budget.maxTokens'],
    [{ maxTokens: 1.5 }, 'budget.maxTokens'],
    [{ maxTokens: '10' }, 'budget.maxTokens'],
    [{ maxCostUsd: 0 }, 'budget.maxCostUsd'],
    [{ maxCostUsd: -1 }, 'budget.maxCostUsd'],
    [{ maxCostUsd: 1e9 }, 'budget.maxCostUsd'],
    ['much', 'budget'],
  ])('%j is refused, by the name %s', async (budget, field) => {
    const { status, json } = await create({ budget });
    expect(status).toBe(400);
    expect(json.details.map((one: { field: string }) => one.field)).toEqual([field]);
  });

  test('in dollars needs a model whose price is known; in tokens any will do', async () => {
    const unknown = await create({ model: 'my-own-model', budget: { maxCostUsd: 1 }, maxAgents: 99 });
    expect(unknown.status).toBe(400);
    expect(unknown.json.details).toHaveLength(2);
    expect(unknown.json.details).toContainEqual({
      field: 'budget.maxCostUsd',
      message: expect.stringContaining('The price of the model my-own-model is not known'),
    });
    expect((await create({ model: 'my-own-model', budget: { maxTokens: 5 } })).status).toBe(201);
    expect((await create({ model: 'claude-sonnet-5-5', budget: { maxCostUsd: 1 } })).status).toBe(201);
  });

  test('used up, the swarm reads failed with the reason and a sentence; what was done is there; it is final', async () => {
    const worker = startMiniWorker(redis, {
      async during(spec, claim) {
        const usage = {
          inputTokens: 450,
          outputTokens: 50,
          cacheReadTokens: 7_000,
          cacheWriteTokens: 0,
          costMicros: 900,
        };
        const entry = { kind: 'turn.requested', turn: 1, attempt: claim.attempt } as const;
        await appendJournal(worker.ledger, claim, 0, entry, { usage, progress: { turn: 1, of: spec.key } });
      },
    });
    try {
      const { json } = await server.post('/api/swarm/create', {
        ...diamondSwarm,
        autoStart: true,
        maxAgents: 1,
        budget: { maxTokens: 1_100 },
      });
      const id = json.swarmId as string;
      await waitFor(async () => (await dataOf(id)).status === 'failed', {
        deadlineMs: 10_000,
        what: 'the end',
      });
      const data = await dataOf(id);
      expect(data).toMatchObject({
        reason: 'budget',
        progress: { totalTasks: 4, completedTasks: 2 },
        budget: { maxTokens: 1_100, usedTokens: 1_500, percentUsed: 136 },
        usage: { cacheReadTokens: 21_000 },
      });
      expect(data.message).toBe(
        'The swarm used 1,500 of at most 1,100 tokens (budget.maxTokens) and was ended. What was completed is kept. Create it again with a larger budget, or with a smaller objective.',
      );
      const { json: results } = await server.call(`/api/swarm/${id}/results`);
      expect(JSON.stringify(results)).toContain('output of a');
      const { json: page } = await server.call(`/api/swarm/${id}/events`);
      const warnings = page.events.filter((one: { eventType: string }) => one.eventType === 'budget.warning');
      expect(warnings.map((one: { data: object }) => one.data)).toEqual([
        { limit: 'maxTokens', used: 1_000, max: 1_100, percentUsed: 90 },
      ]);
      for (const command of ['resume', 'start', 'pause'])
        expect((await server.post(`/api/swarm/${id}/${command}`)).json).toMatchObject({
          status: 409,
          code: 'swarm_state_conflict',
        });
    } finally {
      await worker.stop();
    }
  });
});

describe('checks of a task, which nobody runs yet', () => {
  test.each<unknown>(['npm test', { run: 'npm test' }])('are refused at creation: %j', async (check) => {
    const [first, ...rest] = diamondSwarm.tasks;
    const { status, json } = await create({ tasks: [{ ...first, checks: [check] }, ...rest] });
    expect(status).toBe(400);
    expect(json.details).toEqual([
      { field: 'tasks.0.checks', message: expect.stringContaining('checks are not run yet') },
    ]);
  });

  test('are refused of an added task too; an empty list promises nothing', async () => {
    const [first, ...rest] = diamondSwarm.tasks;
    const { status, json } = await create({ tasks: [{ ...first, checks: [] }, ...rest] });
    expect(status).toBe(201);
    const task = { name: 'One more', description: 'Do one more thing', type: 'coding' };
    const refused = await server.post(`/api/swarm/${json.swarmId}/tasks`, { ...task, checks: 'npm test' });
    expect(refused.status).toBe(400);
    expect(refused.json.details).toEqual([
      { field: 'checks', message: expect.stringContaining('checks are not run yet') },
    ]);
    expect((await server.post(`/api/swarm/${json.swarmId}/tasks`, { ...task, checks: [] })).status).toBe(201);
  });
});

test('what the operator lets a swarm spend: the default is shown, more is refused with the number and leaves nothing', async () => {
  const bounded = await startTestApi(redis, {
    BUDGET_DEFAULT: 'maxCostUsd=2,maxTokens=5000',
    BUDGET_MAX: '50',
    MODELS_ALLOWED: 'claude-sonnet-*',
  });
  try {
    const made = (over: object) => bounded.post('/api/swarm/create', { objective: OBJECTIVE, ...over });
    const { swarmId } = (await made({})).json;
    const { budget } = (await bounded.call(`/api/swarm/${swarmId}`)).json.data;
    expect(budget).toMatchObject({ maxCostUsd: 2, maxTokens: 5_000 });
    const before = (await bounded.call('/api/swarms')).json.swarms.length;
    const dear = await made({ budget: { maxCostUsd: 288_000 } });
    expect([dear.status, dear.json.details[0].field]).toEqual([400, 'budget.maxCostUsd']);
    expect(dear.json.details[0].message).toMatch(/at most 50 .*288000/);
    const other = await made({ model: 'claude-opus-4-8' });
    expect([other.status, other.json.details[0].field]).toEqual([400, 'model']);
    expect((await bounded.call('/api/swarms')).json.swarms).toHaveLength(before);
  } finally {
    await bounded.api.close();
  }
});
