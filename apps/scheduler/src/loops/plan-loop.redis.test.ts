import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Plan } from '@claude-flow/core/contracts/plan';
import { taskJobId } from '@claude-flow/core/domain/ids';
import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import type { SwarmRecord } from '@claude-flow/core/domain/task';
import { enqueuePlan } from '@claude-flow/core/queue/dispatcher';
import { publishControl } from '@claude-flow/core/relay/control';
import { addTask } from '@claude-flow/core/store/add-task';
import { readLogs } from '@claude-flow/core/store/logs';
import { claimPlan, storePlan } from '@claude-flow/core/store/plans';
import { getSwarm, startSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { listTasks } from '@claude-flow/core/store/task-reads';
import { createModelClient } from '@claude-flow/llm/client';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { development } from '../planner/strategies/development.ts';
import { builtInStrategies } from '../planner/strategies/registry.ts';
import { type Bench, startBench } from '../test/bench.ts';
import { type MockModel, startMockModel } from '../test/mock-model.ts';
import { takePlanLease } from './plan-lease.ts';
import { type PlanLoop, startPlanLoop } from './plan-loop.ts';

let bench: Bench;
let model: MockModel;
const loops: PlanLoop[] = [];

beforeAll(async () => {
  [bench, model] = await Promise.all([startBench({ ownServer: true }), startMockModel()]);
});
beforeEach(() => model.reset());
afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop()));
});
afterAll(async () => {
  await bench?.close();
  await model?.close();
});

const SOON = { deadlineMs: 20_000 };
/** Longer than it takes to fill Redis. */
const ANSWER_AFTER_MS = 500;

async function scheduler(
  options: { budgetMs?: number; renewEveryMs?: number; drainMs?: number; baseUrl?: string } = {},
): Promise<PlanLoop> {
  const { ledger, queues, log, metrics } = bench;
  const { budgetMs, renewEveryMs, drainMs = 100, baseUrl = model.url } = options;
  const loop = await startPlanLoop({
    ledger,
    queues,
    log,
    consumerRedis: bench.connect('plan'),
    subscriber: bench.connect('control'),
    concurrency: 5,
    drainMs,
    ...(renewEveryMs === undefined ? {} : { renewEveryMs }),
    planner: {
      client: createModelClient({ baseUrl, timeoutMs: 30_000 }),
      metrics,
      log,
      models: {},
      strategies: builtInStrategies(),
      taskDefaults: { timeoutMs: 60_000, maxRetries: 2 },
      ...(budgetMs === undefined ? {} : { budgetMs }),
    },
  });
  loops.push(loop);
  return loop;
}

const planned = (swarmId: string): Promise<SwarmRecord> =>
  waitFor(
    async () => {
      const swarm = await getSwarm(bench.ledger, swarmId);
      return swarm?.planned === true ? swarm : undefined;
    },
    { ...SOON, what: 'the plan' },
  );
const plannedEvent = async (swarmId: string) =>
  (await bench.events(swarmId)).filter((event) => event.type === 'swarm.planned').map((event) => event.data);
const requestGone = (swarmId: string) =>
  waitFor(async () => (await bench.queues.plan.getJobState(`${swarmId}.plan.first`)) === 'unknown', {
    ...SOON,
    what: 'the plan request to be done with',
  });
/** Nobody listens there: it was free a moment ago. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
const called = (times: number) =>
  waitFor(async () => (await model.calls()) >= times, { ...SOON, what: `${times} planning calls` });

describe('planning', () => {
  it('stores the model’s plan, adds the synthesis, counts the cost and starts what was asked to start', async () => {
    await scheduler();
    const swarmId = await bench.createSwarm();
    expect(await startSwarm(bench.ledger, swarmId)).toBe('planning');
    await enqueuePlan(bench, swarmId);
    const swarm = await planned(swarmId);
    expect(swarm).toMatchObject({ planSource: 'model', planDegraded: false, status: 'executing' });
    expect(swarm.inputTokens).toBeGreaterThan(0);
    expect(swarm.outputTokens).toBeGreaterThan(0);
    expect(swarm.costMicros).toBeGreaterThan(0);

    const tasks = await listTasks(bench.ledger, swarmId);
    expect(tasks.length).toBeGreaterThan(2);
    expect(tasks.at(-1)?.spec).toMatchObject({ agentType: 'synthesizer', maxRetries: 2, timeoutMs: 60_000 });
    const roots = tasks.filter((task) => task.spec.dependencies.length === 0);
    await waitFor(
      async () =>
        (await bench.queues.task.getJobState(taskJobId(swarmId, roots[0]?.spec.id ?? '', 1))) ===
        'prioritized',
      { ...SOON, what: 'the first task’s job' },
    );
    expect(await plannedEvent(swarmId)).toMatchObject([
      { source: 'model', degraded: false, totalTasks: tasks.length },
    ]);
    expect((await plannedEvent(swarmId))[0]).not.toHaveProperty('mended');
    expect(await model.calls()).toBe(1);
    const { values } = await bench.metrics.modelCalls.get();
    expect(values.some((value) => value.labels['outcome'] === 'ok' && value.value > 0)).toBe(true);
  });

  it('puts the plan behind tasks that were added while it was made; the synthesis waits for them', async () => {
    await model.rules({ times: 1, respond: { latencyMs: ANSWER_AFTER_MS } });
    await scheduler();
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    await called(1);
    const own = { description: 'Do what its owner wants', type: 'custom', agentType: 'coder' } as const;
    const rest = { priority: 2, onFailure: 'skip-dependents', timeoutMs: 60_000, maxRetries: 0 } as const;
    const requirements = { capabilities: [], tools: [], permissions: ['read' as const] };
    const add = (name: string, dependencies: string[]) =>
      addTask(bench.ledger, swarmId, { ...own, ...rest, requirements, name, dependencies });
    expect(await add('First', [])).toBe('task_001');
    expect(await add('Second', ['task_001'])).toBe('task_002');
    await startSwarm(bench.ledger, swarmId);
    await planned(swarmId);
    const tasks = await listTasks(bench.ledger, swarmId);
    expect(tasks.slice(0, 2).map(({ spec }) => spec.name)).toEqual(['First', 'Second']);
    expect(tasks.at(-1)?.spec.dependencies).toContain('task_002');
    expect(tasks.at(-1)?.spec.dependencies).not.toContain('task_001');
    expect(await plannedEvent(swarmId)).toMatchObject([{ totalTasks: tasks.length }]);
  });

  describe('while Redis is full', () => {
    const full = () => bench.ledger.redis.config('SET', 'maxmemory', '1');
    const room = () => bench.ledger.redis.config('SET', 'maxmemory', '0');
    const refused = async (what: string) => {
      const count = async () =>
        Number(/errorstat_OOM:count=(\d+)/.exec(await bench.ledger.redis.info('errorstats'))?.[1] ?? 0);
      const before = await count();
      return waitFor(async () => (await count()) > before + 1, { ...SOON, what: `${what} to be refused` });
    };
    afterEach(room);

    it('keeps a plan that was paid for, and stores it when there is room', async () => {
      await model.rules({ times: 1, respond: { latencyMs: ANSWER_AFTER_MS } });
      // It renews nothing meanwhile: what is refused is the plan.
      await scheduler({ renewEveryMs: 60_000 });
      const swarmId = await bench.createSwarm();
      await enqueuePlan(bench, swarmId);
      await called(1);
      await full();
      await refused('the plan');
      await room();
      expect(await planned(swarmId)).toMatchObject({ planSource: 'model', planDegraded: false });
      expect(await model.calls()).toBe(1);
    });

    it('asks for the lease again until there is room', async () => {
      const swarmId = await bench.createSwarm();
      await full();
      const taking = takePlanLease(bench, swarmId, new AbortController().signal);
      await refused('the lease');
      await room();
      const lease = await taking;
      lease?.end();
      expect(await claimPlan(bench.ledger, swarmId, 'another')).toBe('busy');
      expect(await lease?.confirm()).toBe(true);
    });

    it('ends the asking when it stops', async () => {
      const swarmId = await bench.createSwarm();
      const stopping = new AbortController();
      await full();
      const taking = takePlanLease(bench, swarmId, stopping.signal).catch((error: unknown) => error);
      await refused('the lease');
      stopping.abort(new Error('By the test.'));
      expect(await taking).toMatchObject({ message: 'By the test.' });
    });
  });

  it('waits with the tasks until the swarm is started', async () => {
    await scheduler();
    const swarmId = await bench.createSwarm({ strategy: 'auto', objective: 'Review our security handbook' });
    await enqueuePlan(bench, swarmId);
    expect((await planned(swarmId)).status).toBe('ready');
    await requestGone(swarmId);
    const logs = await readLogs(bench.ledger, swarmId, { limit: 20, level: 'info' });
    expect(logs.every((line) => line.source === 'scheduler')).toBe(true);
    expect(logs.map((line) => line.message).join('\n')).toContain('auto chose review');
    const tasks = await listTasks(bench.ledger, swarmId);
    expect(tasks.every((task) => task.state.attempt === 0)).toBe(true);
  });

  it('uses the template and says so when the model answers garbage twice', async () => {
    await scheduler();
    await model.rules({ respond: { text: 'I would rather write a poem.' } });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    const swarm = await planned(swarmId);
    expect(swarm).toMatchObject({ planSource: 'template', planDegraded: true });
    expect(await model.calls()).toBe(2);
    expect(swarm.outputTokens).toBeGreaterThan(0);
    const [event] = await plannedEvent(swarmId);
    expect(event).toMatchObject({
      degraded: true,
      degradedReason: expect.stringMatching(/not JSON.*development/s),
    });
    const tasks = await listTasks(bench.ledger, swarmId);
    expect(tasks.map((task) => task.spec.key)).toEqual([
      ...development.template('x').tasks.map((task) => task.key),
      'synthesis',
    ]);
  });

  it('ends a swarm whose budget its own plan uses up, and does not ask again', async () => {
    await scheduler();
    await model.rules({ respond: { text: 'I would rather write a poem.' } });
    const swarmId = await bench.createSwarm({ budget: { maxTokens: 10 } });
    await startSwarm(bench.ledger, swarmId);
    await enqueuePlan(bench, swarmId);
    await waitFor(async () => (await getSwarm(bench.ledger, swarmId))?.status === 'failed', {
      ...SOON,
      what: 'the end of the swarm',
    });
    await requestGone(swarmId);
    expect(await model.calls()).toBe(1);
    const swarm = await getSwarm(bench.ledger, swarmId);
    expect(swarm).toMatchObject({ reason: 'budget', planned: false });
    expect(swarm?.message).toContain('(budget.maxTokens)');
    expect(swarm?.outputTokens).toBeGreaterThan(0);
    const logs = await readLogs(bench.ledger, swarmId, { limit: 20, level: 'warn' });
    expect(logs.map((line) => line.message).join('\n')).toContain('used up the budget');
  });

  it('counts calls that broke off after they had told their usage', async () => {
    await scheduler();
    const prompt = ({ inputTokens, cacheReadTokens, cacheWriteTokens }: SwarmRecord) =>
      inputTokens + cacheReadTokens + cacheWriteTokens;
    const made = async () => {
      const swarmId = await bench.createSwarm();
      await enqueuePlan(bench, swarmId);
      return planned(swarmId);
    };
    const whole = await made();
    await model.rules({ times: 2, respond: { streamError: 'overloaded_error' } });
    const broken = await made();
    expect(broken).toMatchObject({ planSource: 'model', planDegraded: false });
    expect(await model.calls()).toBe(4);
    expect(prompt(broken)).toBe(3 * prompt(whole));
  });

  it('does not repeat a call when failed ones have used up the budget', async () => {
    await scheduler();
    await model.rules({ respond: { streamError: 'overloaded_error' } });
    const swarmId = await bench.createSwarm({ budget: { maxTokens: 10 } });
    await enqueuePlan(bench, swarmId);
    await waitFor(async () => (await getSwarm(bench.ledger, swarmId))?.status === 'failed', {
      ...SOON,
      what: 'the end of the swarm',
    });
    expect(await model.calls()).toBe(1);
    expect(await getSwarm(bench.ledger, swarmId)).toMatchObject({ reason: 'budget', planned: false });
  });

  it('lets the model mend a plan that goes in a circle', async () => {
    await scheduler();
    const circle: Plan = development.template('Build it');
    circle.tasks[0]?.dependsOn.push('review');
    await model.rules({ times: 1, respond: { text: JSON.stringify(circle) } });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    expect(await planned(swarmId)).toMatchObject({ planSource: 'model', planDegraded: false });
    expect(await model.calls()).toBe(2);
  });

  it('reads a plan that is written oddly at once, and tells what it mended', async () => {
    await scheduler();
    const plan = JSON.stringify({ plan: development.template('Build it') }).replace('"high"', '"urgent"');
    await model.rules({
      respond: { text: `<think>{}</think>\`\`\`json\n${plan.replace(']}', ',]}')}\n\`\`\`` },
    });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    expect(await planned(swarmId)).toMatchObject({ planSource: 'model', planDegraded: false });
    expect(await model.calls()).toBe(1);
    const [event] = await plannedEvent(swarmId);
    expect(event?.['mended']).toEqual([
      'Thoughts before the plan were left out.',
      'Its JSON had faults, which were mended.',
      'The plan stood inside "plan".',
      expect.stringContaining('its priority "urgent" was read as critical'),
    ]);
    const logs = await readLogs(bench.ledger, swarmId, { limit: 20, level: 'info' });
    expect(logs.map((line) => line.message).join('\n')).toContain('Mended in it: Thoughts before');
  });

  it('tries again when the model is overloaded, then uses what it says', async () => {
    await scheduler();
    await model.rules({ times: 2, respond: { status: 529 } });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    expect(await planned(swarmId)).toMatchObject({ planSource: 'model' });
    expect(await model.calls()).toBe(3);
  });

  it.each([
    ['is overloaded for ever', { status: 529 }, /overloaded|within/],
    ['never answers', { hang: true }, /within 1.5 seconds/],
    ['refuses the request', { status: 400 }, /refuses the request/],
    ['declines', { stopReason: 'refusal' }, /declined/],
  ])('uses the template within the budget when the model %s', async (_what, respond, reason) => {
    await scheduler({ budgetMs: 1_500 });
    await model.rules({ respond });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    expect(await planned(swarmId)).toMatchObject({ planSource: 'template', planDegraded: true });
    const [event] = await plannedEvent(swarmId);
    expect(event?.['degradedReason']).toMatch(reason);
    expect(await model.calls()).toBeGreaterThan(0);
  });

  it.each([
    ['the key', { status: 401 }, /does not accept the API key \(401.*ANTHROPIC_API_KEY/],
    ['the account', { status: 402 }, /billing/],
    ['the model', { status: 404 }, /does not know this model .*CLAUDE_FLOW_MODEL/],
  ])('ends the swarm at once when the provider refuses %s', async (_what, respond, sentence) => {
    await scheduler();
    await model.rules({ respond });
    const swarmId = await bench.createSwarm();
    await startSwarm(bench.ledger, swarmId);
    await enqueuePlan(bench, swarmId);
    const swarm = await waitFor(
      async () => {
        const found = await getSwarm(bench.ledger, swarmId);
        return found?.status === 'failed' ? found : undefined;
      },
      { ...SOON, what: 'the end of the swarm' },
    );
    expect(swarm).toMatchObject({ reason: 'model-rejected', planned: false });
    expect(swarm.message).toMatch(sentence);
    expect(await model.calls()).toBe(1);
    expect((await bench.events(swarmId)).at(-1)).toMatchObject({
      type: 'swarm.failed',
      data: { reason: 'model-rejected', message: swarm.message },
    });
    await requestGone(swarmId);
    const logs = await readLogs(bench.ledger, swarmId, { limit: 20, level: 'error' });
    expect(logs.map((line) => line.message)).toEqual([swarm.message]);
  });

  it('says at once that the provider cannot be reached, and why, and goes on trying', async () => {
    const port = await unusedPort();
    await scheduler({ renewEveryMs: 20, budgetMs: 5_000, baseUrl: `http://127.0.0.1:${port}` });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    const said = /cannot be reached \(connection refused by 127\.0\.0\.1:\d+, ECONNREFUSED\)/;
    await waitFor(async () => said.test((await getSwarm(bench.ledger, swarmId))?.planTrouble ?? ''), {
      ...SOON,
      what: 'the cause in the record of the swarm',
    });
    const logs = await readLogs(bench.ledger, swarmId, { limit: 20, level: 'warn' });
    expect(logs.filter((line) => said.test(line.message))).toHaveLength(1);
    const swarm = await planned(swarmId);
    expect(swarm).toMatchObject({ planSource: 'template', planDegraded: true });
    expect((await plannedEvent(swarmId))[0]?.['degradedReason']).toMatch(said);
  });

  it('keeps to the swarm’s options, whoever planned', async () => {
    await scheduler();
    const swarmId = await bench.createSwarm({ options: { includeTests: false, includeDocumentation: true } });
    await enqueuePlan(bench, swarmId);
    await planned(swarmId);
    const tasks = (await listTasks(bench.ledger, swarmId)).map((task) => task.spec);
    expect(tasks.filter((task) => task.type === 'testing')).toEqual([]);
    expect(tasks.some((task) => /documentation|guide|readme/i.test(task.name))).toBe(true);
  });
});

describe('one plan is paid once', () => {
  it('with two schedulers and several requests for each swarm', async () => {
    await Promise.all([scheduler(), scheduler()]);
    await model.rules({ respond: { latencyMs: 400 } });
    const swarms = await Promise.all([1, 2, 3].map(() => bench.createSwarm()));
    await Promise.all(
      swarms.flatMap((id) => ['first', 'sweep-1', 'sweep-2'].map((round) => enqueuePlan(bench, id, round))),
    );
    for (const id of swarms) {
      expect(await planned(id)).toMatchObject({ planSource: 'model' });
      expect(await plannedEvent(id)).toHaveLength(1);
    }
    expect(await model.calls()).toBe(3);
  });

  it('drops its own plan when another scheduler has taken over', async () => {
    await scheduler({ renewEveryMs: 100 });
    await model.rules({ respond: { hang: true } });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    await called(1);
    // The lease ends as it does when a process stands still for too long, and another takes it.
    const { redis, keys } = bench.ledger;
    await waitFor(
      async () => {
        const token = (await redis.hget(keys.swarm(swarmId, 'meta'), 'planToken')) ?? '';
        await claimPlan(bench.ledger, swarmId, token, { leaseMs: 0 });
        return (await claimPlan(bench.ledger, swarmId, 'other')) === 'taken';
      },
      { ...SOON, what: 'the other scheduler to take over' },
    );
    await requestGone(swarmId);
    expect(await model.inFlight()).toBe(0);
    expect((await getSwarm(bench.ledger, swarmId))?.planned).toBe(false);
    const plan = { source: 'template', degraded: false, summary: 'Theirs', tasks: [] } as const;
    expect(await storePlan(bench.ledger, swarmId, 'other', { ...plan, tasks: [] })).toBe('ready');
    expect(await model.calls()).toBe(1);
  });

  it('finishes, when it stops, the plan that is under way', async () => {
    const first = await scheduler({ drainMs: SOON.deadlineMs });
    await model.rules({ times: 1, respond: { latencyMs: 500 } });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    await called(1);
    await first.stop();
    expect(await getSwarm(bench.ledger, swarmId)).toMatchObject({ planned: true, planSource: 'model' });
    expect(await model.calls()).toBe(1);
  });

  it('hands over, when it stops, what is not finished in time: another goes on at once', async () => {
    const first = await scheduler();
    await model.rules({ times: 1, respond: { hang: true } });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    await called(1);
    await first.stop();
    expect((await getSwarm(bench.ledger, swarmId))?.planned).toBe(false);
    await scheduler();
    expect(await planned(swarmId)).toMatchObject({ planSource: 'model' });
    expect(await model.calls()).toBe(2);
  });
});

describe('a stop while planning', () => {
  it('ends the model call that runs', async () => {
    await scheduler();
    await model.rules({ respond: { hang: true } });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    await called(1);
    await stopSwarm(bench.ledger, swarmId, { reason: 'stopped', message: 'Enough.' });
    await publishControl(bench.ledger, { type: 'stop', swarmId });
    await requestGone(swarmId);
    expect(await model.inFlight()).toBe(0);
    expect(await model.calls()).toBe(1);
    const swarm = await getSwarm(bench.ledger, swarmId);
    expect(swarm).toMatchObject({ planned: false, status: 'stopped' });
    expect(swarm !== undefined && isTerminalSwarm(swarm.status)).toBe(true);
  });

  it('keeps further calls from being made, also when the message is missed', async () => {
    await scheduler();
    await model.rules({ respond: { status: 529 } });
    const swarmId = await bench.createSwarm();
    await enqueuePlan(bench, swarmId);
    await called(1);
    await stopSwarm(bench.ledger, swarmId, { reason: 'stopped', message: 'Enough.' });
    const atStop = await model.calls();
    await requestGone(swarmId);
    // At most the one that had asked for leave just before the stop.
    expect(await model.calls()).toBeLessThanOrEqual(atStop + 1);
    expect((await getSwarm(bench.ledger, swarmId))?.status).toBe('stopped');
  });
});
