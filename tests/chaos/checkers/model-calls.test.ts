import type { SwarmEvent } from 'claude-flow/client';
import { expect, test } from 'vitest';
import type { Entry } from '../history.ts';
import { callsBelongToSwarms, gracefulStopIsFree, nothingBeginsAfterAStop } from './model-calls.ts';
import { othersSeeNothing } from './owners.ts';

const SWARM = { swarmId: 'swarm_1' };
const created: Entry = { at: 1_000, kind: 'create', swarm: 1, swarmId: 'swarm_1', objective: 'Do it' };
const call = (at: number, outcome = 'completed', taskId = 'task_001', prefixHash = 'one'): Entry => ({
  at,
  kind: 'model',
  objective: 'Do it',
  taskId,
  agentType: 'coder',
  turn: 0,
  prefixHash,
  outcome,
});
const action = (at: number, name: string, workerId?: string): Entry => ({
  at,
  kind: 'action',
  action: name,
  target: 'worker-1',
  ...(workerId === undefined ? {} : { workerId }),
});

test('a call that begins more than 2 s after a stop, or 5 s with faults about', () => {
  const stopped: Entry = { at: 10_000, kind: 'stopped', ...SWARM };
  const seen = (...more: Entry[]) => nothingBeginsAfterAStop([created, stopped, ...more]).length;
  expect(seen(call(9_000), call(11_900))).toBe(0);
  expect(seen(call(12_100))).toBe(1);
  expect(seen(call(12_100), action(8_000, 'SIGSTOP'))).toBe(0);
  expect(seen(call(15_100), action(8_000, 'SIGSTOP'))).toBe(1);
});

test('of a cancelled task only its own calls', () => {
  const stopped: Entry = { at: 10_000, kind: 'stopped', taskId: 'task_001', ...SWARM };
  expect(nothingBeginsAfterAStop([created, stopped, call(19_000, 'completed', 'task_002')])).toEqual([]);
  expect(nothingBeginsAfterAStop([created, stopped, call(19_000)])).toHaveLength(1);
});

test('calls that belong to no swarm, so that nothing could be said of them', () => {
  const another: Entry = { ...created, objective: 'Do something else' };
  expect(callsBelongToSwarms([created, call(2_000)])).toEqual([]);
  expect(callsBelongToSwarms([another, call(2_000)])).toHaveLength(1);
  expect(callsBelongToSwarms([call(2_000)])).toEqual([]);
});

const started = (at: number, attempt: number, workerId: string): SwarmEvent => ({
  seq: attempt,
  epoch: 1,
  type: 'task.started',
  at,
  ...SWARM,
  taskId: 'task_001',
  attempt,
  data: { workerId },
});
const final: Entry = {
  at: 20_000,
  kind: 'final',
  ...SWARM,
  found: true,
  status: 'completed',
  reason: null,
  tasks: [],
  log: [started(1_000, 1, 'one'), started(5_000, 2, 'two')],
};

test('a turn asked for again after a worker was told to stop', () => {
  const run = (...more: Entry[]) => gracefulStopIsFree([created, final, ...more]).length;
  const told = action(3_000, 'SIGTERM', 'one');
  expect(run(told, call(2_000), call(6_000, 'completed', 'task_001', 'another'))).toBe(0);
  expect(run(told, call(2_000), call(6_000))).toBe(1);
  expect(run(told, call(2_000, 'aborted'), call(6_000))).toBe(1);
  // Refused calls cost nothing, and a crash is another matter.
  expect(run(told, call(2_000, 'refused'), call(6_000))).toBe(0);
  expect(run(action(3_000, 'SIGKILL', 'one'), call(2_000), call(6_000))).toBe(0);
  expect(run(told, action(2_500, 'SIGSTOP', 'one'), call(2_000), call(6_000))).toBe(0);
});

test('another owner who sees something', () => {
  const asked = (status: number): Entry => ({ at: 1, kind: 'foreign', asked: 'GET', ...SWARM, status });
  const list = (listed: string[]): Entry => ({
    at: 1,
    kind: 'foreign',
    asked: 'GET /api/swarms',
    status: 200,
    listed,
    own: 'swarm_own',
  });
  expect(othersSeeNothing([asked(404), asked(503), list(['swarm_own'])])).toEqual([]);
  expect(othersSeeNothing([asked(200)])).toHaveLength(1);
  expect(othersSeeNothing([asked(403)])).toHaveLength(1);
  expect(othersSeeNothing([list(['swarm_own', 'swarm_1'])])).toHaveLength(1);
  expect(othersSeeNothing([list([])])).toHaveLength(1);
});
