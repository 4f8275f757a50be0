import { startTestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  claim,
  claimAll,
  DIAMOND,
  eventLines,
  graph,
  newSwarm,
  newSwarmRecord,
  openLedger,
  plan,
  result,
} from '../../test/ledger-fixture.ts';
import { newSwarmId } from '../domain/ids.ts';
import { PLAN_LEASE_MS } from '../runtime/tunables.ts';
import { listAgents } from './agents.ts';
import { completeTask } from './completions.ts';
import { readEvents } from './events.ts';
import { reserveSwarmId } from './idempotency.ts';
import type { Ledger } from './ledger.ts';
import { claimPlan, storePlan } from './plans.ts';
import {
  createSwarm,
  getSwarm,
  listActiveSwarms,
  listOwnerSwarms,
  retireSwarm,
  startSwarm,
  stopSwarm,
} from './swarms.ts';
import { getResult, getTask, listTasks } from './task-reads.ts';
import { claimTask, dispatchTasks, failTask, heartbeatTask, releaseTask } from './tasks.ts';

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

async function started(edges: Record<string, string[]>, over: Parameters<typeof graph>[1] = {}, swarm = {}) {
  const swarmId = await newSwarm(ledger, swarm);
  await plan(ledger, swarmId, graph(edges, over));
  await startSwarm(ledger, swarmId);
  return swarmId;
}

test('a diamond keeps its order and ends completed, with gap-free events', async () => {
  const swarmId = await started(DIAMOND);
  const order: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (const one of await claimAll(ledger, swarmId)) {
      order.push(one.taskId);
      await completeTask(ledger, one, result(`output of ${one.taskId}`), { summary: 'done' });
    }
  }
  expect(order).toEqual(['task_001', 'task_002', 'task_003', 'task_004']);
  const swarm = await getSwarm(ledger, swarmId);
  expect(swarm).toMatchObject({ status: 'completed', planned: true, counts: { completed: 4 } });
  expect(swarm?.endedAt).toBeGreaterThanOrEqual(swarm?.startedAt ?? Number.POSITIVE_INFINITY);
  expect((await getResult(ledger, swarmId, 'task_004'))?.output).toBe('output of task_004');

  const events = await readEvents(ledger, swarmId, 0, 1000);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect(swarm?.seq).toBe(events.length);
  const lines = await eventLines(ledger, swarmId);
  expect(lines.indexOf('task.started task_004')).toBeGreaterThan(lines.indexOf('task.completed task_002'));
  expect(lines.indexOf('task.started task_004')).toBeGreaterThan(lines.indexOf('task.completed task_003'));
  expect(lines.at(-1)).toBe('swarm.completed');
  expect((await listAgents(ledger, swarmId)).every((agent) => agent.status === 'terminated')).toBe(true);
});

test('the record keeps what the caller gave, word for word', async () => {
  const objective = 'Zeile 1\n"quotes" & <tags> — 日本語 {json: [1]}';
  const swarmId = await newSwarm(ledger, { objective, options: { list: [], deep: { a: [] } } });
  const swarm = await getSwarm(ledger, swarmId);
  expect(swarm).toMatchObject({
    objective,
    options: { list: [], deep: { a: [] } },
    status: 'planning',
    seq: 1,
  });
  expect(await listActiveSwarms(ledger, 0, 1000)).toContain(swarmId);
  expect(await listOwnerSwarms(ledger, 'tester', 0, 10)).toContain(swarmId);
});

test('creating the same id again changes nothing; an unknown swarm is undefined', async () => {
  const swarmId = await newSwarm(ledger);
  await newSwarm(ledger, { id: swarmId, objective: 'Something else entirely' });
  expect((await getSwarm(ledger, swarmId))?.objective).toBe('Do the thing well');
  expect(await eventLines(ledger, swarmId)).toEqual(['swarm.created']);
  expect(await getSwarm(ledger, newSwarmId(Date.now()))).toBeUndefined();
});

test('an idempotency key leads back to its swarm; with another body it is a conflict', async () => {
  const reserve = (body: string, freshId: string) =>
    reserveSwarmId(ledger, { owner: 'tester', idempotencyKey: 'key-1', body, freshId });
  const [first, second] = await Promise.all([
    reserve('{"a":1}', 'swarm_a_000000001'),
    reserve('{"a":1}', 'swarm_a_000000002'),
  ]);
  expect(first).toBe(second);
  await expect(reserve('{"a":2}', 'swarm_a_000000003')).rejects.toMatchObject({
    code: 'idempotency_conflict',
  });
  const other = { owner: 'someone', idempotencyKey: 'key-1', body: '{"a":2}', freshId: 'swarm_a_000000004' };
  expect(await reserveSwarmId(ledger, other)).toBe('swarm_a_000000004');
});

test('a start during planning is remembered, and takes effect with the plan', async () => {
  const swarmId = await newSwarm(ledger);
  expect(await startSwarm(ledger, swarmId)).toBe('planning');
  await expect(startSwarm(ledger, swarmId)).rejects.toMatchObject({ code: 'swarm_state_conflict' });
  expect(await plan(ledger, swarmId, graph({ a: [] }))).toBe('executing');
  expect((await getSwarm(ledger, swarmId))?.deadlineAt).toBeGreaterThan(Date.now());
});

test('a swarm may be created with the wish to start: once, and its deadline begins then', async () => {
  const record = newSwarmRecord();
  const create = () => createSwarm(ledger, record, Date.now(), { start: true });
  expect([await create(), await create()]).toMatchObject([{ created: true }, { created: false }]);
  const swarm = await getSwarm(ledger, record.id);
  expect(swarm).toMatchObject({ status: 'planning', startRequested: true });
  expect(swarm?.deadlineAt).toBe((swarm?.createdAt ?? 0) + record.timeoutMs);
  await expect(startSwarm(ledger, record.id)).rejects.toMatchObject({ code: 'swarm_state_conflict' });
  expect(await plan(ledger, record.id, graph({ a: [] }))).toBe('executing');
});

test('a swarm created with its tasks and the wish to start is at once ready to be dispatched, told in one history', async () => {
  const record = newSwarmRecord();
  const tasks = graph({ a: [], b: ['a'] });
  const plan = { source: 'caller', degraded: false, summary: 'Mine', tasks } as const;
  const create = (start: boolean) =>
    createSwarm(ledger, record, Date.now(), { plan: { ...plan, tasks }, start });
  expect(await Promise.all([create(true), create(true)])).toEqual([
    { created: true, status: 'executing', queued: [] },
    { created: false, status: 'executing', queued: [] },
  ]);
  expect(await eventLines(ledger, record.id)).toEqual([
    'swarm.created',
    'swarm.planned',
    'task.created task_001',
    'task.created task_002',
    'swarm.started',
  ]);
  expect(await getSwarm(ledger, record.id)).toMatchObject({
    planned: true,
    planSource: 'caller',
    counts: { ready: 1, blocked: 1 },
  });
  expect((await dispatchTasks(ledger, record.id, 10)).queued.map(({ taskId }) => taskId)).toEqual([
    'task_001',
  ]);
  await expect(startSwarm(ledger, record.id)).rejects.toMatchObject({ code: 'swarm_state_conflict' });
  expect(await claimPlan(ledger, record.id, 'planner')).toBe('over');
});

test('race: of ten starts one wins', async () => {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph({ a: [] }));
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => startSwarm(ledger, swarmId)));
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  const lines = await eventLines(ledger, swarmId);
  expect(lines.filter((line) => line === 'swarm.started')).toHaveLength(1);
});

test('race: two schedulers plan, one plan counts; a lease that ended can be taken over', async () => {
  const swarmId = await newSwarm(ledger);
  const claims = await Promise.all(['one', 'two'].map((token) => claimPlan(ledger, swarmId, token)));
  expect(claims.sort()).toEqual(['busy', 'taken']);
  await ledger.redis.hset(ledger.keys.swarm(swarmId, 'meta'), 'planLeaseUntil', 1);
  // At once, unless Redis was away a moment ago: then whoever held it gets as long again.
  await waitFor(async () => (await claimPlan(ledger, swarmId, 'three')) === 'taken', {
    deadlineMs: 3 * PLAN_LEASE_MS,
    what: 'the lease to be taken over',
  });
  const stored = { source: 'model', degraded: false, summary: 's', tasks: graph({ a: [] }) } as const;
  await expect(storePlan(ledger, swarmId, 'one', stored)).rejects.toMatchObject({ code: 'fenced' });
  expect(await storePlan(ledger, swarmId, 'three', stored)).toBe('ready');
  expect(await storePlan(ledger, swarmId, 'three', stored)).toBe('ready');
  expect(await claimPlan(ledger, swarmId, 'four')).toBe('over');
  expect(await listTasks(ledger, swarmId)).toHaveLength(1);
});

test('a plan’s event says that it is degraded, and its cost is the swarm’s', async () => {
  const swarmId = await newSwarm(ledger);
  const usage = {
    inputTokens: 10,
    outputTokens: 20,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costMicros: 30,
  };
  await plan(ledger, swarmId, graph({ a: [] }), {
    degraded: true,
    degradedReason: 'The model wrote rubbish.',
    usage,
  });
  const planned = (await readEvents(ledger, swarmId, 1, 1))[0];
  expect(planned?.data).toMatchObject({
    degraded: true,
    degradedReason: 'The model wrote rubbish.',
    totalTasks: 1,
  });
  expect(await getSwarm(ledger, swarmId)).toMatchObject({ planDegraded: true, ...usage });
});

test('race: one attempt, many workers, one claim', async () => {
  const swarmId = await started({ a: [] });
  const [task] = (await dispatchTasks(ledger, swarmId, 10)).queued;
  if (task === undefined) throw new Error('nothing queued');
  const claims = await Promise.all(Array.from({ length: 8 }, () => claim(ledger, task)));
  expect(claims.filter((one) => one.claimed)).toHaveLength(1);
  expect(claims.filter((one) => !one.claimed).every((one) => one.why === 'task-not-queued')).toBe(true);
});

test('the same claim sent twice is the same claim; a stale attempt and an unknown task miss', async () => {
  const swarmId = await started({ a: [] });
  await dispatchTasks(ledger, swarmId, 10);
  const wish = { swarmId, taskId: 'task_001', attempt: 1, token: 't', workerId: 'w' };
  expect((await claimTask(ledger, wish)).claimed).toBe(true);
  expect((await claimTask(ledger, wish)).claimed).toBe(true);
  expect(await claimTask(ledger, { ...wish, attempt: 2, token: 'u' })).toMatchObject({
    why: 'stale-attempt',
  });
  expect(await claimTask(ledger, { ...wish, taskId: 'task_999' })).toMatchObject({ why: 'task-gone' });
  expect(await claimTask(ledger, { ...wish, swarmId: newSwarmId(1) })).toMatchObject({ why: 'swarm-gone' });
});

test('maxAgents and parallel bound what is dispatched; an idle agent of another type makes room', async () => {
  const wide = { a: [], b: [], c: [], d: [] };
  const two = await started(wide, {}, { maxAgents: 2 });
  expect((await dispatchTasks(ledger, two, 10)).queued).toHaveLength(2);
  expect((await dispatchTasks(ledger, two, 10)).queued).toHaveLength(0);

  const serial = await started(wide, {}, { parallel: false });
  expect((await dispatchTasks(ledger, serial, 10)).queued).toHaveLength(1);

  const mixed = await started(
    { a: [], b: ['a'] },
    { agentTypes: { a: 'architect', b: 'coder' } },
    { maxAgents: 1 },
  );
  const [first] = await claimAll(ledger, mixed);
  if (first === undefined) throw new Error('nothing claimed');
  await completeTask(ledger, first, result('x'), {});
  expect(await claimAll(ledger, mixed)).toHaveLength(1);
  expect((await listAgents(ledger, mixed)).map((agent) => `${agent.name} ${agent.status}`)).toEqual([
    'architect-1 terminated',
    'coder-1 busy',
  ]);
});

test('an idle agent of the type is used again', async () => {
  const swarmId = await started({ a: [], b: ['a'] });
  for (let i = 0; i < 2; i += 1) {
    for (const one of await claimAll(ledger, swarmId)) await completeTask(ledger, one, result('x'), {});
  }
  const agents = await listAgents(ledger, swarmId);
  expect(agents).toHaveLength(1);
  expect(agents[0]).toMatchObject({ tasksCompleted: 2, tasksFailed: 0, status: 'terminated' });
});

test('priority first, then the order of the plan', async () => {
  const swarmId = await newSwarm(ledger, { maxAgents: 1 });
  const tasks = graph({ a: [], b: [], c: [] }).map((spec) =>
    spec.key === 'c' ? { ...spec, priority: 4 as const } : spec,
  );
  await plan(ledger, swarmId, tasks);
  await startSwarm(ledger, swarmId);
  const order: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    for (const one of await claimAll(ledger, swarmId)) {
      order.push(one.taskId);
      await completeTask(ledger, one, result('x'), {});
    }
  }
  expect(order).toEqual(['task_003', 'task_001', 'task_002']);
});

test('a failed attempt is retried after its back-off, then fails for good and skips what hung on it', async () => {
  const swarmId = await started({ a: [], b: ['a'], c: ['b'], free: [] }, { maxRetries: 1 });
  const failure = {
    code: 'model_unavailable',
    message: 'The model is away.',
    retryable: true,
    delayMs: 0,
  } as const;
  const claims = await claimAll(ledger, swarmId);
  const first = claims.find((one) => one.taskId === 'task_001');
  const free = claims.find((one) => one.taskId === 'task_004');
  if (first === undefined || free === undefined) throw new Error('not both claimed');
  expect(await failTask(ledger, first, failure)).toMatchObject({ taskStatus: 'retrying' });
  expect(await failTask(ledger, first, failure)).toMatchObject({ taskStatus: 'retrying' });
  await completeTask(ledger, free, result('x'), {});
  const [second] = await claimAll(ledger, swarmId);
  if (second === undefined) throw new Error('no second attempt');
  expect(second.attempt).toBe(2);
  await expect(completeTask(ledger, first, result('late'), {})).rejects.toMatchObject({ code: 'fenced' });
  expect(await failTask(ledger, second, failure)).toEqual({ taskStatus: 'failed', swarmStatus: 'failed' });
  expect((await listTasks(ledger, swarmId)).map(({ state }) => state.status)).toEqual([
    'failed',
    'skipped',
    'skipped',
    'completed',
  ]);
  const swarm = await getSwarm(ledger, swarmId);
  expect(swarm).toMatchObject({ reason: 'task-failed', message: 'Task task_001 failed: The model is away.' });
  expect(swarm?.counts).toEqual({ failed: 1, skipped: 2, completed: 1 });
});

test('a retry waits for its time', async () => {
  const swarmId = await started({ a: [] });
  const [first] = await claimAll(ledger, swarmId);
  if (first === undefined) throw new Error('nothing claimed');
  await failTask(ledger, first, { code: 'internal', message: 'x', retryable: true, delayMs: 60_000 });
  const { queued, nextRetryAt } = await dispatchTasks(ledger, swarmId, 10);
  expect(queued).toEqual([]);
  expect(nextRetryAt).toBeGreaterThan(Date.now() + 50_000);
});

test('an error that cannot pass is not retried; policy continue lets the rest go on', async () => {
  const swarmId = await started({ a: [], b: ['a'] }, { onFailure: 'continue' });
  const [first] = await claimAll(ledger, swarmId);
  if (first === undefined) throw new Error('nothing claimed');
  await failTask(ledger, first, { code: 'model_rejected', message: 'No.', retryable: false, delayMs: 0 });
  const [second] = await claimAll(ledger, swarmId);
  if (second === undefined) throw new Error('the dependant was not released');
  const done = await completeTask(ledger, second, result('x'), {});
  expect(done.swarmStatus).toBe('completed');
});

test('policy fail-swarm ends everything at once', async () => {
  const swarmId = await started({ a: [], b: [], c: ['b'] }, { onFailure: 'fail-swarm' });
  const [first, second] = await claimAll(ledger, swarmId);
  if (first === undefined || second === undefined) throw new Error('not both claimed');
  const failed = await failTask(ledger, first, {
    code: 'internal',
    message: 'x',
    retryable: false,
    delayMs: 0,
  });
  expect(failed.swarmStatus).toBe('failed');
  expect(await heartbeatTask(ledger, second)).toBe('cancel');
  await expect(completeTask(ledger, second, result('late'), {})).rejects.toMatchObject({ code: 'fenced' });
});

test('stop cancels what is open; nothing completes afterwards; a second stop is fine, a stop of a completed swarm is not', async () => {
  const swarmId = await started(DIAMOND);
  const [first] = await claimAll(ledger, swarmId);
  if (first === undefined) throw new Error('nothing claimed');
  const stop = { reason: 'stopped', message: 'Stopped by the caller.' } as const;
  expect(await stopSwarm(ledger, swarmId, stop)).toEqual({ status: 'stopped', changed: true });
  expect(await stopSwarm(ledger, swarmId, stop)).toEqual({ status: 'stopped', changed: false });
  expect(await heartbeatTask(ledger, first)).toBe('cancel');
  await expect(completeTask(ledger, first, result('late'), {})).rejects.toMatchObject({ code: 'fenced' });
  await expect(startSwarm(ledger, swarmId)).rejects.toMatchObject({ code: 'swarm_state_conflict' });
  expect((await dispatchTasks(ledger, swarmId, 10)).queued).toEqual([]);
  const lines = await eventLines(ledger, swarmId);
  expect(lines.filter((line) => line.startsWith('task.cancelled'))).toHaveLength(4);
  expect(lines.at(-1)).toBe('swarm.stopped');

  const done = await started({ a: [] });
  const [only] = await claimAll(ledger, done);
  if (only === undefined) throw new Error('nothing claimed');
  await completeTask(ledger, only, result('x'), {});
  await expect(stopSwarm(ledger, done, stop)).rejects.toMatchObject({ code: 'swarm_state_conflict' });
});

test('race: complete against stop: one of them, and the record agrees with the winner', async () => {
  for (let round = 0; round < 20; round += 1) {
    const swarmId = await started({ a: [] });
    const [one] = await claimAll(ledger, swarmId);
    if (one === undefined) throw new Error('nothing claimed');
    const [completed, stopped] = await Promise.allSettled([
      completeTask(ledger, one, result('x'), {}),
      stopSwarm(ledger, swarmId, { reason: 'stopped', message: 'm' }),
    ]);
    expect([completed.status, stopped.status].sort()).toEqual(['fulfilled', 'rejected']);
    const status = (await getSwarm(ledger, swarmId))?.status;
    expect(status).toBe(completed.status === 'fulfilled' ? 'completed' : 'stopped');
    expect((await getResult(ledger, swarmId, 'task_001')) !== undefined).toBe(
      completed.status === 'fulfilled',
    );
  }
});

test('stopping a swarm that is being planned ends it; the plan comes too late', async () => {
  const swarmId = await newSwarm(ledger);
  await claimPlan(ledger, swarmId, 'planner');
  await stopSwarm(ledger, swarmId, { reason: 'stopped', message: 'm' });
  const late = storePlan(ledger, swarmId, 'planner', {
    source: 'model',
    degraded: false,
    summary: 's',
    tasks: graph({ a: [] }),
  });
  await expect(late).rejects.toMatchObject({ code: 'swarm_state_conflict' });
  expect(await claimPlan(ledger, swarmId, 'planner')).toBe('over');
});

test('a deadline is enforced only once it has passed', async () => {
  const swarmId = await started({ a: [] });
  const timeout = { reason: 'timeout', message: 'It took longer than 5 minutes.' } as const;
  await expect(stopSwarm(ledger, swarmId, timeout)).rejects.toMatchObject({ code: 'swarm_state_conflict' });
  await ledger.redis.hset(ledger.keys.swarm(swarmId, 'meta'), 'deadlineAt', 1);
  expect((await stopSwarm(ledger, swarmId, timeout)).status).toBe('failed');
  expect(await getSwarm(ledger, swarmId)).toMatchObject({ status: 'failed', reason: 'timeout' });
});

test('a task handed back is dispatched again with no retry spent', async () => {
  const swarmId = await started({ a: [] }, { maxRetries: 0 });
  const [first] = await claimAll(ledger, swarmId);
  if (first === undefined) throw new Error('nothing claimed');
  await releaseTask(ledger, first, 'The worker is stopping.');
  await expect(heartbeatTask(ledger, first)).resolves.toBe('fenced');
  const [second] = await claimAll(ledger, swarmId);
  expect(second?.attempt).toBe(2);
  expect((await getTask(ledger, swarmId, 'task_001'))?.state).toMatchObject({ failures: 0, crashes: 0 });
});

test('a retired swarm leaves the active index and all its keys expire', async () => {
  const swarmId = await started({ a: [] });
  await retireSwarm(ledger, swarmId, ['task_001']);
  expect(await listActiveSwarms(ledger, 0, 1000)).not.toContain(swarmId);
  const keys = await ledger.redis.keys(`*${swarmId}*`);
  expect(keys.length).toBeGreaterThan(5);
  for (const key of keys) expect(await ledger.redis.ttl(key)).toBeGreaterThan(0);
});
