import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  claimAll,
  eventLines,
  graph,
  keysLeft,
  newSwarm,
  openLedger,
  plan,
  result,
} from '../../test/ledger-fixture.ts';
import { expectSound } from '../../test/ledger-invariants.ts';
import { SWARM_APPROVALS } from '../runtime/tunables.ts';
import {
  type ApprovalWish,
  approvalId,
  askApproval,
  decideApproval,
  listApprovals,
  readApprovals,
} from './approvals.ts';
import { completeTask } from './completions.ts';
import { appendJournal, readJournal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { observeSwarm } from './observations.ts';
import {
  deleteSwarm,
  getSwarm,
  mendSwarm,
  pauseSwarm,
  resumeSwarm,
  startSwarm,
  stopSwarm,
} from './swarms.ts';
import { getTask } from './task-reads.ts';
import { dispatchTasks, failTask, type TaskClaim } from './tasks.ts';
import { waitTask } from './wait-task.ts';

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

type Edges = Record<string, string[]>;

/** A swarm whose roots are at work. */
async function running(edges: Edges, over: Parameters<typeof graph>[1] = {}): Promise<TaskClaim[]> {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph(edges, over));
  await startSwarm(ledger, swarmId);
  return claimAll(ledger, swarmId);
}
async function oneRunning(edges: Edges, over: Parameters<typeof graph>[1] = {}): Promise<TaskClaim> {
  const [one] = await running(edges, over);
  if (one === undefined) throw new Error('nothing runs');
  return one;
}
const wish = (callId: string, input: unknown = { path: 'a.txt' }): ApprovalWish => ({
  kind: 'tool',
  turn: 1,
  callId,
  tool: 'write_file',
  input,
});
const decide = (one: TaskClaim, callId: string, decision: 'approved' | 'denied', note?: string) =>
  decideApproval(ledger, one.swarmId, {
    approvalId: approvalId(one.taskId, wish(callId)),
    decision,
    decidedBy: 'tester',
    ...(note === undefined ? {} : { note }),
  });
const inOrder = (tasks: Map<string, { status: string }>) =>
  [...tasks].sort(([a], [b]) => a.localeCompare(b)).map(([, task]) => task.status);
const stateOf = async ({ swarmId }: TaskClaim, id = 'task_001') =>
  (await getTask(ledger, swarmId, id))?.state;

test('an asking task steps aside: agent free, no lease, journal kept, no retry spent; it goes on when all is decided', async () => {
  const one = await oneRunning({ a: [] });
  const entry = { kind: 'turn.requested', turn: 1, attempt: 1 } as const;
  await appendJournal(ledger, one, 0, entry);
  expect(await askApproval(ledger, one, [wish('a'), wish('b'), wish('a')])).toBe('waiting');
  const { tasks, agents, approvals, running: leases } = await expectSound(ledger, one.swarmId);
  expect(tasks.get('task_001')).toMatchObject({ status: 'waiting', failures: 0, crashes: 0, attempt: 1 });
  expect([...agents.values()].map((agent) => agent.status)).toEqual(['idle']);
  expect([leases.size, approvals.size]).toEqual([0, 2]);
  // A repeated send, a dispatch and a look at it change nothing.
  expect(await askApproval(ledger, one, [wish('a'), wish('b')])).toBe('waiting');
  expect((await dispatchTasks(ledger, one.swarmId, 10)).queued).toEqual([]);
  const seen = await observeSwarm(ledger, one.swarmId, 0);
  expect([seen.openCount, seen.placedCount]).toEqual([1, 1]);
  expect(await mendSwarm(ledger, one.swarmId)).toBe(0);

  const first = await decide(one, 'a', 'approved', 'Go ahead.');
  expect(first).toMatchObject({ changed: true, approval: { status: 'approved', note: 'Go ahead.' } });
  expect((await stateOf(one))?.status).toBe('waiting');
  expect(await decide(one, 'a', 'approved', 'Once more')).toEqual({ ...first, changed: false });
  await expect(decide(one, 'a', 'denied')).rejects.toMatchObject({ code: 'approval_state_conflict' });
  await decide(one, 'b', 'denied');
  await expectSound(ledger, one.swarmId);
  const [next] = await claimAll(ledger, one.swarmId);
  expect(next).toMatchObject({ taskId: 'task_001', attempt: 2 });
  expect(await readJournal(ledger, one.swarmId, 'task_001')).toEqual([entry]);
  // The next attempt asks again for the same: it is told to go on, and nobody is asked twice.
  if (next === undefined) throw new Error('not claimed');
  expect(await askApproval(ledger, next, [wish('a'), wish('b')])).toBe('running');
  const lines = (await eventLines(ledger, one.swarmId)).filter((line) => /approval|suspended/.test(line));
  expect(lines).toEqual([
    'approval.requested task_001',
    'approval.requested task_001',
    'task.suspended task_001',
    'approval.decided task_001',
    'approval.decided task_001',
  ]);
});

test('what is asked can be listed by status and read by id, its input cut to what people can read', async () => {
  const one = await oneRunning({ a: [] });
  const large = { path: 'b.txt', content: 'x'.repeat(10_000) };
  await askApproval(ledger, one, [wish('a'), wish('b', large)]);
  await decide(one, 'a', 'denied', 'Not this file.');
  const [pending, ...others] = await listApprovals(ledger, one.swarmId, 'pending');
  expect(others).toEqual([]);
  expect(pending).toMatchObject({ taskId: 'task_001', tool: 'write_file', inputCut: true, attempt: 1 });
  expect(pending?.input.length).toBeLessThan(5_000);
  expect(await listApprovals(ledger, one.swarmId)).toHaveLength(2);
  const id = approvalId('task_001', wish('a'));
  const found = await readApprovals(ledger, one.swarmId, [id, 'approval_001_000000000000']);
  expect([...found.keys()]).toEqual([id]);
  expect(found.get(id)).toMatchObject({ status: 'denied', note: 'Not this file.', decidedBy: 'tester' });
  for (const missing of ['approval_001_000000000000', 'nonsense'])
    await expect(
      decideApproval(ledger, one.swarmId, { approvalId: missing, decision: 'denied', decidedBy: 'x' }),
    ).rejects.toMatchObject({ code: 'approval_not_found' });
});

test('a swarm asks for so many approvals and no more; the refusal leaves the task at work', async () => {
  const one = await oneRunning({ a: [] });
  const key = ledger.keys.swarm(one.swarmId, 'approvals');
  const filler = Array.from({ length: SWARM_APPROVALS - 1 }, (_, i) => [`approval_009_${i}`, '{}']).flat();
  await ledger.redis.hset(key, ...filler);
  await expect(askApproval(ledger, one, [wish('a'), wish('b')])).rejects.toMatchObject({
    code: 'limit_exceeded',
  });
  expect((await stateOf(one))?.status).toBe('running');
  expect(await askApproval(ledger, one, [wish('a')])).toBe('waiting');
});

test('decided while the swarm is paused: suspended, and ready when it goes on', async () => {
  const one = await oneRunning({ a: [] });
  await askApproval(ledger, one, [wish('a')]);
  await pauseSwarm(ledger, one.swarmId);
  expect((await stateOf(one))?.status).toBe('waiting');
  await decide(one, 'a', 'approved');
  expect((await stateOf(one))?.status).toBe('suspended');
  await expectSound(ledger, one.swarmId);
  await resumeSwarm(ledger, one.swarmId);
  expect(await claimAll(ledger, one.swarmId)).toHaveLength(1);
});

test('stop and the deadline end a waiting task and cancel what it asked for; a delete leaves nothing', async () => {
  for (const reason of ['stopped', 'timeout'] as const) {
    const one = await oneRunning({ a: [], b: ['a'] });
    await askApproval(ledger, one, [wish('a')]);
    if (reason === 'timeout')
      await ledger.redis.hset(ledger.keys.swarm(one.swarmId, 'meta'), 'deadlineAt', 1);
    await stopSwarm(ledger, one.swarmId, { reason, message: 'Over.' });
    const { tasks, approvals } = await expectSound(ledger, one.swarmId);
    expect(inOrder(tasks)).toEqual(['cancelled', 'cancelled']);
    expect([...approvals.values()].map((approval) => approval.status)).toEqual(['cancelled']);
    await expect(decide(one, 'a', 'approved')).rejects.toMatchObject({ code: 'approval_state_conflict' });
    await deleteSwarm(ledger, one.swarmId);
    expect(await keysLeft(ledger, one.swarmId)).toEqual([]);
  }
});

test('a failing task with the policy fail-swarm ends those that wait, whatever for', async () => {
  const [a, b, c] = await running({ a: [], b: [], c: [] }, { onFailure: 'fail-swarm', maxRetries: 0 });
  if (a === undefined || b === undefined || c === undefined) throw new Error('three tasks should run');
  await askApproval(ledger, a, [wish('a')]);
  await waitTask(ledger, b, [c.taskId]);
  await failTask(ledger, c, { code: 'internal', message: 'x', retryable: false, delayMs: 0 });
  const { swarm, tasks } = await expectSound(ledger, a.swarmId);
  expect(swarm.status).toBe('failed');
  expect(inOrder(tasks)).toEqual(['cancelled', 'cancelled', 'failed']);
});

test('waiting for others ends when all have ended, however; failing children do not take their waiter along', async () => {
  const [one, done, broken] = await running({ a: [], b: [], c: [], d: ['c'] }, { maxRetries: 0 });
  if (one === undefined || done === undefined || broken === undefined) throw new Error('three should run');
  expect(await waitTask(ledger, one, ['task_002', 'task_003', 'task_004', 'task_002'])).toBe('waiting');
  expect(await waitTask(ledger, one, ['task_002', 'task_003', 'task_004'])).toBe('waiting');
  await expectSound(ledger, one.swarmId);
  await completeTask(ledger, done, result('x'), {});
  expect((await stateOf(one))?.waitsOn).toEqual(['task_003', 'task_004']);
  await failTask(ledger, broken, { code: 'internal', message: 'x', retryable: false, delayMs: 0 });
  const { swarm, tasks } = await expectSound(ledger, one.swarmId);
  expect(inOrder(tasks)).toEqual(['ready', 'completed', 'failed', 'skipped']);
  expect(swarm.status).toBe('executing');
  const [again] = await claimAll(ledger, one.swarmId);
  if (again === undefined) throw new Error('it should run again');
  // All have ended: nothing to wait for.
  expect(await waitTask(ledger, again, ['task_002', 'task_003'])).toBe('running');
});

test('the waiter goes to the very worker that completed what it waited for', async () => {
  const [one, child] = await running({ a: [], b: [] });
  if (one === undefined || child === undefined) throw new Error('two tasks should run');
  await waitTask(ledger, one, [child.taskId]);
  const handOver = { token: 'next', workerId: 'worker-1', places: 10 };
  const done = await completeTask(ledger, child, result('x'), {}, handOver);
  expect(done.handedOver.map(({ claim }) => claim)).toMatchObject([
    { taskId: one.taskId, attempt: 2, token: 'next' },
  ]);
  await expectSound(ledger, one.swarmId);
});

test('a task never waits for one that cannot end before it: itself, its dependants, who waits for it', async () => {
  const [a, b] = await running({ a: [], b: [], c: ['a'], d: ['c'], e: ['b'], f: ['b'] });
  if (a === undefined || b === undefined) throw new Error('two tasks should run');
  const refused = { code: 'task_state_conflict' };
  for (const id of ['task_001', 'task_003', 'task_004'])
    await expect(waitTask(ledger, a, [id])).rejects.toMatchObject(refused);
  await expect(waitTask(ledger, a, ['task_009'])).rejects.toMatchObject({ code: 'task_not_found' });
  expect((await stateOf(a))?.status).toBe('running');
  // a waits for e, which needs b: so b may wait for f, but for nothing that needs a.
  expect(await waitTask(ledger, a, ['task_005'])).toBe('waiting');
  for (const id of ['task_001', 'task_004', 'task_005'])
    await expect(waitTask(ledger, b, [id])).rejects.toMatchObject(refused);
  await expectSound(ledger, a.swarmId);
});

test('mending lets a task go on that waits for what has happened', async () => {
  for (const paused of [false, true]) {
    const one = await oneRunning({ a: [], b: [] });
    await askApproval(ledger, one, [wish('a')]);
    if (paused) await pauseSwarm(ledger, one.swarmId);
    const [approval] = await listApprovals(ledger, one.swarmId);
    const decided = JSON.stringify({ ...approval, status: 'approved' });
    await ledger.redis.hset(ledger.keys.swarm(one.swarmId, 'approvals'), approval?.id ?? '', decided);
    expect(await mendSwarm(ledger, one.swarmId)).toBeGreaterThan(0);
    expect((await stateOf(one))?.status).toBe(paused ? 'suspended' : 'ready');
    expect(await mendSwarm(ledger, one.swarmId)).toBe(0);
    expect((await getSwarm(ledger, one.swarmId))?.status).toBe(paused ? 'paused' : 'executing');
  }
});
