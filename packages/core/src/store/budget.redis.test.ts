import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  claimAll,
  eventLines,
  graph,
  NO_USAGE,
  newSwarm,
  openLedger,
  plan,
  result,
} from '../../test/ledger-fixture.ts';
import { expectSound } from '../../test/ledger-invariants.ts';
import type { SwarmBudget, Usage } from '../domain/task.ts';
import { completeTask } from './completions.ts';
import { readEvents } from './events.ts';
import { appendJournal, readJournal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { readLogs } from './logs.ts';
import { claimPlan, storePlan } from './plans.ts';
import { getSwarm, resumeSwarm, startSwarm } from './swarms.ts';
import { getTask } from './task-reads.ts';
import { claimTask, dispatchTasks, heartbeatTask, type TaskClaim } from './tasks.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis.url, redis.prefix);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await redis?.stop();
});

async function working(
  budget: SwarmBudget | undefined,
  edges: Record<string, string[]> = { a: [], b: [], c: ['a'] },
) {
  const swarmId = await newSwarm(ledger, budget === undefined ? {} : { budget });
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  const [a, b] = await claimAll(ledger, swarmId, 60_000);
  if (a === undefined || b === undefined) throw new Error('two tasks were to be claimed');
  return { swarmId, a, b };
}

const requested = (turn: number) => ({ kind: 'turn.requested', turn, attempt: 1 }) as const;
const pay = (claim: TaskClaim, index: number, usage: Partial<Usage>) =>
  appendJournal(ledger, claim, index, requested(index), {
    usage: { ...NO_USAGE, ...usage },
    progress: { turn: index },
  });
const told = async (swarmId: string, type: string) =>
  (await readEvents(ledger, swarmId, 0, 1_000)).filter((event) => event.type === type);

test('tokens: warned of once at 80 %, ended when they are used up; what completed stays', async () => {
  const { swarmId, a, b } = await working({ maxTokens: 1_000 });
  // Reads from the cache do not count, writes to it do.
  expect(
    await pay(a, 0, { inputTokens: 300, outputTokens: 100, cacheWriteTokens: 300, cacheReadTokens: 9_999 }),
  ).toBe('go');
  expect(await told(swarmId, 'budget.warning')).toEqual([]);
  expect(await pay(a, 1, { outputTokens: 100 })).toBe('go');
  expect(await pay(a, 2, { outputTokens: 1 })).toBe('go');
  const warnings = await told(swarmId, 'budget.warning');
  expect(warnings.map((event) => event.data)).toEqual([
    { limit: 'maxTokens', used: 800, max: 1_000, percentUsed: 80 },
  ]);
  await completeTask(ledger, a, result('kept'), {});
  expect(await pay(b, 0, { outputTokens: 1_234_567 })).toBe('budget');

  const { swarm, tasks, results } = await expectSound(ledger, swarmId);
  expect(swarm).toMatchObject({
    status: 'failed',
    reason: 'budget',
    inputTokens: 300,
    cacheReadTokens: 9_999,
  });
  expect(swarm.message).toBe(
    'The swarm used 1,235,368 of at most 1,000 tokens (budget.maxTokens) and was ended. What was completed is kept. Create it again with a larger budget, or with a smaller objective.',
  );
  const byId = [...tasks.values()].sort((x, y) => x.id.localeCompare(y.id));
  expect(byId.map((task) => task.status)).toEqual(['completed', 'cancelled', 'cancelled']);
  expect([...results]).toEqual(['task_001']);
  expect((await eventLines(ledger, swarmId)).slice(-6, -3)).toContain('task.progress task_002');
  expect((await eventLines(ledger, swarmId)).at(-1)).toBe('swarm.failed');
});

test('money: the limit that is nearer counts, and the sentence names it', async () => {
  const { swarmId, a } = await working({ maxTokens: 1_000_000, maxCostMicros: 500_000 });
  await pay(a, 0, { outputTokens: 10, costMicros: 450_000 });
  const [warning] = await told(swarmId, 'budget.warning');
  expect(warning?.data).toEqual({ limit: 'maxCostUsd', used: 0.45, max: 0.5, percentUsed: 90 });
  expect(await pay(a, 1, { costMicros: 73_100 })).toBe('budget');
  expect((await getSwarm(ledger, swarmId))?.message).toContain(
    '$0.5231 of at most $0.5000 (budget.maxCostUsd)',
  );
});

test('exactly the limit is used up; a step straight to the end gives no warning', async () => {
  const { swarmId, a } = await working({ maxTokens: 10 });
  expect(await pay(a, 0, { outputTokens: 10 })).toBe('budget');
  expect(await told(swarmId, 'budget.warning')).toEqual([]);
  await expectSound(ledger, swarmId);
});

test('a repeated send adds nothing, before the end and after it', async () => {
  const { swarmId, a } = await working({ maxTokens: 10 });
  for (let i = 0; i < 2; i += 1) expect(await pay(a, 0, { outputTokens: 6 })).toBe('go');
  for (let i = 0; i < 3; i += 1) expect(await pay(a, 1, { outputTokens: 6 })).toBe('budget');
  const { swarm, events } = await expectSound(ledger, swarmId);
  expect(swarm.outputTokens).toBe(12);
  expect(events.filter((event) => event.type === 'swarm.failed')).toHaveLength(1);
  expect(await readJournal(ledger, swarmId, a.taskId)).toHaveLength(2);
});

test('after the end no turn begins, of whichever agent; each hears why', async () => {
  const { a, b, swarmId } = await working({ maxTokens: 10 });
  await pay(a, 0, { outputTokens: 10 });
  // What an agent does before each turn.
  for (const claim of [a, b])
    await expect(appendJournal(ledger, claim, 1, requested(9))).rejects.toMatchObject({ code: 'fenced' });
  expect(await heartbeatTask(ledger, a)).toBe('budget');
  expect(await heartbeatTask(ledger, b)).toBe('budget');
  expect((await dispatchTasks(ledger, swarmId, 10)).queued).toEqual([]);
  expect((await claimTask(ledger, { ...b, token: 'new', workerId: 'w' })).claimed).toBe(false);
});

test('terminal is final: such a swarm is not resumed, started or planned again', async () => {
  const { a, swarmId } = await working({ maxTokens: 10 });
  await pay(a, 0, { outputTokens: 10 });
  await expect(resumeSwarm(ledger, swarmId)).rejects.toMatchObject({ code: 'swarm_state_conflict' });
  await expect(startSwarm(ledger, swarmId)).rejects.toMatchObject({ code: 'swarm_state_conflict' });
});

test('a plan whose making used up the budget is not stored; the swarm ends, its cost on record', async () => {
  for (const startFirst of [false, true]) {
    const swarmId = await newSwarm(ledger, { budget: { maxTokens: 100 } });
    if (startFirst) await startSwarm(ledger, swarmId);
    const usage = { ...NO_USAGE, inputTokens: 60, outputTokens: 60 };
    expect(await plan(ledger, swarmId, graph({ a: [] }), { usage })).toBe('failed');
    const { swarm, tasks, events } = await expectSound(ledger, swarmId);
    expect(swarm).toMatchObject({ status: 'failed', reason: 'budget', outputTokens: 60, planned: false });
    expect(tasks.size).toBe(0);
    // Sent again after a lost reply: refused, and nothing is counted twice.
    const again = { source: 'model', degraded: false, summary: 's', tasks: graph({ a: [] }), usage } as const;
    await expect(storePlan(ledger, swarmId, 'planner', again)).rejects.toMatchObject({
      code: 'swarm_state_conflict',
    });
    expect((await expectSound(ledger, swarmId)).events).toEqual(events);
  }
});

test('a plan that uses most of it warns, and is stored', async () => {
  const swarmId = await newSwarm(ledger, { budget: { maxTokens: 100 } });
  const usage = { ...NO_USAGE, outputTokens: 80 };
  expect(await plan(ledger, swarmId, graph({ a: [] }), { usage })).toBe('ready');
  expect(await told(swarmId, 'budget.warning')).toHaveLength(1);
});

test('a turn in a swarm without a budget takes no more Redis calls than its own sums', async () => {
  const { a, swarmId } = await working(undefined);
  const calls = async () => {
    const stats = await ledger.redis.info('commandstats');
    return Object.fromEntries(
      [...stats.matchAll(/^cmdstat_(\w+):calls=(\d+)/gm)].map(([, name, count]) => [name, Number(count)]),
    );
  };
  const before = await calls();
  await pay(a, 0, {
    inputTokens: 1,
    outputTokens: 1,
    cacheReadTokens: 1,
    cacheWriteTokens: 1,
    costMicros: 1,
  });
  const after = await calls();
  const grew = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  // The record and the sums; the task; no counter on its own.
  expect({ hmget: grew('hmget'), hincrby: grew('hincrby'), hget: grew('hget') }).toEqual({
    hmget: 2,
    hincrby: 0,
    hget: 1,
  });
  expect(await getSwarm(ledger, swarmId)).toMatchObject({
    inputTokens: 1,
    cacheReadTokens: 1,
    costMicros: 1,
  });
});

test('a call that failed is paid for and is no turn', async () => {
  const { swarmId, a } = await working({ maxTokens: 1_000 });
  const usage = { ...NO_USAGE, inputTokens: 100 };
  expect(await appendJournal(ledger, a, 0, requested(0), { usage, turns: 0 })).toBe('go');
  expect(await appendJournal(ledger, a, 1, requested(1), { usage })).toBe('go');
  const swarm = await getSwarm(ledger, swarmId);
  expect(swarm?.inputTokens).toBe(200);
  expect((await getTask(ledger, swarmId, a.taskId))?.state).toMatchObject({ turns: 1, inputTokens: 200 });
  const last = { usage: { ...usage, inputTokens: 900 }, turns: 0 as const };
  expect(await appendJournal(ledger, a, 2, requested(2), last)).toBe('budget');
});

test('estimates are summed up beside what was reported, and told once, however many count at the same time', async () => {
  const { swarmId, a, b } = await working({ maxTokens: 10_000 });
  const estimated = { inputTokens: 100, outputTokens: 10, estimatedTokens: 110 };
  await pay(a, 0, { inputTokens: 50 });
  await Promise.all([pay(a, 1, estimated), pay(b, 0, estimated), pay(a, 1, estimated)]);
  const swarm = await getSwarm(ledger, swarmId);
  expect(swarm).toMatchObject({ inputTokens: 250, outputTokens: 20, estimatedTokens: 220 });
  expect((await getTask(ledger, swarmId, a.taskId))?.state).toMatchObject({ estimatedTokens: 110 });
  const lines = await readLogs(ledger, swarmId, { limit: 10, level: 'warn' });
  expect(lines).toEqual([
    {
      at: expect.any(Number),
      level: 'warn',
      source: 'budget',
      message: expect.stringContaining('estimates'),
    },
  ]);
});

test('estimates of the plan count, and are told with it', async () => {
  const swarmId = await newSwarm(ledger, {});
  const token = 'planner';
  await claimPlan(ledger, swarmId, token);
  const usage = { ...NO_USAGE, inputTokens: 30, estimatedTokens: 30 };
  const whole = {
    source: 'model' as const,
    degraded: false,
    summary: 'As asked',
    tasks: graph({ a: [] }),
    usage,
  };
  await storePlan(ledger, swarmId, token, whole);
  expect(await getSwarm(ledger, swarmId)).toMatchObject({ inputTokens: 30, estimatedTokens: 30 });
  expect(await readLogs(ledger, swarmId, { limit: 10, level: 'warn' })).toHaveLength(1);
});
