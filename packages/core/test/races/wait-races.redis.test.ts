import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminateAgent } from '../../src/store/agents.ts';
import { approvalId, askApproval, decideApproval } from '../../src/store/approvals.ts';
import { completeTask } from '../../src/store/completions.ts';
import { pauseSwarm, stopSwarm } from '../../src/store/swarms.ts';
import { reclaimTask, type TaskClaim } from '../../src/store/tasks.ts';
import { waitTask } from '../../src/store/wait-task.ts';
import { claimAll, result } from '../ledger-fixture.ts';
import { expectSound } from '../ledger-invariants.ts';
import { type Arena, atWork, openArena, ROUNDS, started } from './contest.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let arena: Arena;
beforeAll(async () => {
  redis = await startTestRedis();
  arena = await openArena(redis.url, redis.prefix);
});
afterAll(async () => {
  arena?.close();
  await redis?.stop();
});

const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
const wish = (call: string) =>
  ({ kind: 'tool', turn: 1, callId: call, tool: 'write_file', input: {} }) as const;
const verdict = (one: TaskClaim, decision: 'approved' | 'denied', call = 'a') => ({
  approvalId: approvalId(one.taskId, wish(call)),
  decision,
  decidedBy: 'tester',
});
const stop = { reason: 'stopped', message: 'Enough.' } as const;

async function asked(...calls: string[]): Promise<TaskClaim> {
  const one = await atWork(arena.ledger, { a: [], b: ['a'] });
  await askApproval(arena.ledger, one, calls.map(wish));
  return one;
}

test('decide against stop: it is decided, or the approval is cancelled with its task', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const one = await asked('a');
    const [decided, stopped] = await arena.contest(
      round,
      (ledger) => decideApproval(ledger, one.swarmId, verdict(one, 'approved')),
      (ledger) => stopSwarm(ledger, one.swarmId, stop),
    );
    const { swarm, tasks, approvals } = await expectSound(arena.ledger, one.swarmId);
    seen.add(decided.ok);
    expect(stopped.ok).toBe(true);
    expect(swarm.status).toBe('stopped');
    expect(tasks.get('task_001')?.status).toBe('cancelled');
    expect([...approvals.values()][0]?.status).toBe(decided.ok ? 'approved' : 'cancelled');
    if (!decided.ok) expect(decided.code).toBe('approval_state_conflict');
  }
  expect(seen.size).toBe(2);
});

test('decide against pause: the task is ready, or suspended until the swarm goes on', async () => {
  const seen = new Set<string | undefined>();
  for (const round of rounds) {
    const one = await asked('a');
    const [decided, paused] = await arena.contest(
      round,
      (ledger) => decideApproval(ledger, one.swarmId, verdict(one, 'denied')),
      (ledger) => pauseSwarm(ledger, one.swarmId),
    );
    expect([decided.ok, paused.ok]).toEqual([true, true]);
    const { tasks } = await expectSound(arena.ledger, one.swarmId);
    seen.add(tasks.get('task_001')?.status);
  }
  expect(seen).toEqual(new Set(['ready', 'suspended']));
});

test('two people decide differently: the first one counts, and the task goes on once', async () => {
  const seen = new Set<string | undefined>();
  for (const round of rounds) {
    const one = await asked('a');
    const decided = await arena.contest(
      round,
      (ledger) => decideApproval(ledger, one.swarmId, verdict(one, 'approved')),
      (ledger) => decideApproval(ledger, one.swarmId, verdict(one, 'denied')),
    );
    expect(decided.filter((each) => each.ok)).toHaveLength(1);
    const { approvals, events, tasks } = await expectSound(arena.ledger, one.swarmId);
    const status = [...approvals.values()][0]?.status;
    expect(status).toBe(decided[0].ok ? 'approved' : 'denied');
    expect(events.filter((event) => event.type === 'approval.decided')).toHaveLength(1);
    expect(tasks.get('task_001')?.status).toBe('ready');
    seen.add(status);
  }
  expect(seen.size).toBe(2);
});

test('two approvals of one task decided at once: the last of them wakes it', async () => {
  for (const round of rounds) {
    const one = await asked('a', 'b');
    const decided = await arena.contest(
      round,
      (ledger) => decideApproval(ledger, one.swarmId, verdict(one, 'approved', 'a')),
      (ledger) => decideApproval(ledger, one.swarmId, verdict(one, 'denied', 'b')),
    );
    expect(decided.every((each) => each.ok && each.value.changed)).toBe(true);
    expect((await expectSound(arena.ledger, one.swarmId)).tasks.get('task_001')?.status).toBe('ready');
  }
});

test('the last child completes against wait: the waiter goes on, now or later, and is never left', async () => {
  const seen = new Set<string>();
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { a: [], b: [] });
    const [one, child] = await claimAll(arena.ledger, swarmId);
    if (one === undefined || child === undefined) throw new Error('two tasks should be at work');
    const [waits, done] = await arena.contest(
      round,
      (ledger) => waitTask(ledger, one, [child.taskId]),
      (ledger) => completeTask(ledger, child, result('x'), {}),
    );
    if (!waits.ok || !done.ok) throw new Error('both are possible in either order');
    seen.add(waits.value);
    const { tasks } = await expectSound(arena.ledger, swarmId);
    expect(tasks.get(one.taskId)?.status).toBe(waits.value === 'waiting' ? 'ready' : 'running');
  }
  expect(seen).toEqual(new Set(['waiting', 'running']));
});

test('reclaim against wait and against ask: the task waits, or is another attempt’s', async () => {
  const seen = new Set<string>();
  for (const round of rounds) {
    for (const kind of ['wait', 'ask'] as const) {
      const one = await atWork(arena.ledger, { a: [], b: [] }, 0);
      const [waits, taken] = await arena.contest(
        round,
        (ledger) =>
          kind === 'ask' ? askApproval(ledger, one, [wish('a')]) : waitTask(ledger, one, ['task_002']),
        (ledger) => reclaimTask(ledger, one),
      );
      const { tasks, approvals } = await expectSound(arena.ledger, one.swarmId);
      expect(taken).toEqual({ ok: true, value: waits.ok ? undefined : 'retrying' });
      expect(tasks.get('task_001')?.status).toBe(waits.ok ? 'waiting' : 'retrying');
      expect(approvals.size).toBe(waits.ok && kind === 'ask' ? 1 : 0);
      seen.add(`${kind} ${waits.ok}`);
    }
  }
  expect(seen.size).toBe(4);
});

test('terminate the agent against ask: the task waits, or is handed back, and the agent is gone', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] });
    const [waits, ended] = await arena.contest(
      round,
      (ledger) => askApproval(ledger, one, [wish('a')]),
      (ledger) => terminateAgent(ledger, one.swarmId, 'agent_001'),
    );
    expect(ended.ok).toBe(true);
    const { tasks, agents } = await expectSound(arena.ledger, one.swarmId);
    expect(agents.get('agent_001')?.status).toBe('terminated');
    expect(tasks.get('task_001')?.status).toBe(waits.ok ? 'waiting' : 'ready');
    seen.add(waits.ok);
  }
  expect(seen.size).toBe(2);
});

test('two tasks come to wait for each other at once: one of them is refused', async () => {
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { a: [], b: [] });
    const [one, other] = await claimAll(arena.ledger, swarmId);
    if (one === undefined || other === undefined) throw new Error('two tasks should be at work');
    const waits = await arena.contest(
      round,
      (ledger) => waitTask(ledger, one, [other.taskId]),
      (ledger) => waitTask(ledger, other, [one.taskId]),
    );
    expect(waits.filter((each) => each.ok)).toHaveLength(1);
    for (const each of waits) if (!each.ok) expect(each.code).toBe('task_state_conflict');
    await expectSound(arena.ledger, swarmId);
  }
});
