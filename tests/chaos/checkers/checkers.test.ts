import type { SwarmEvent } from 'claude-flow/client';
import { expect, test } from 'vitest';
import type { Entry, FinalEntry } from '../history.ts';
import { checkAll } from './check-all.ts';

type Line = [type: string, extra?: { taskId?: string; attempt?: number; data?: Record<string, unknown> }];

const events = (lines: Line[]): SwarmEvent[] =>
  lines.map(([type, extra], index) => ({
    seq: index + 1,
    epoch: 1,
    type,
    at: 1_000 + index,
    swarmId: 'swarm_1',
    data: {},
    ...extra,
  }));

const of = (taskId: string, attempt: number, data: Record<string, unknown> = {}) => ({
  taskId,
  attempt,
  data,
});

/** A swarm of two tasks, one after the other, of which the first was tried twice. */
const GOOD: Line[] = [
  ['swarm.created'],
  ['swarm.planned'],
  ['task.created', { taskId: 'task_001' }],
  ['task.created', { taskId: 'task_002' }],
  ['swarm.started'],
  ['task.assigned', of('task_001', 1)],
  ['task.started', of('task_001', 1)],
  ['task.progress', of('task_001', 1)],
  ['task.retrying', of('task_001', 1, { code: 'worker_lost' })],
  ['task.assigned', of('task_001', 2)],
  ['task.started', of('task_001', 2)],
  ['task.completed', of('task_001', 2)],
  ['task.started', of('task_002', 1)],
  ['task.completed', of('task_002', 1)],
  ['swarm.progress'],
  ['swarm.completed'],
];

const TASKS: FinalEntry['tasks'] = [
  { id: 'task_001', status: 'completed', dependencies: [], attempt: 2, hasOutput: true },
  { id: 'task_002', status: 'completed', dependencies: ['task_001'], attempt: 1, hasOutput: true },
];

interface Change {
  log?: SwarmEvent[];
  final?: Partial<FinalEntry>;
  /** Events as the reader got them; without it, those of the log. */
  read?: SwarmEvent[];
  more?: Entry[];
}

function history({ log = events(GOOD), final = {}, read = log, more = [] }: Change = {}): Entry[] {
  return [
    { at: 1_000, kind: 'create', swarm: 1, swarmId: 'swarm_1' },
    { at: 1_001, kind: 'action', action: 'SIGKILL', target: 'worker-1', workerId: 'worker-1-life-1' },
    ...read.map((event): Entry => ({ at: event.at, kind: 'event', reader: 'reader-1', event })),
    ...more,
    {
      at: 2_000,
      kind: 'final',
      swarmId: 'swarm_1',
      found: true,
      status: 'completed',
      reason: null,
      tasks: TASKS,
      log,
      ...final,
    },
  ];
}

const violated = (change: Change): string[] => [
  ...new Set(checkAll(history(change)).map(({ invariant }) => invariant)),
];
/** The good log with lines put in before an index. */
const withLines = (at: number, ...lines: Line[]) => events(GOOD.toSpliced(at, 0, ...lines));
const END = GOOD.length;

test('a good history violates nothing', () => {
  expect(checkAll(history())).toEqual([]);
});

test('accepted, and not found', () => {
  const change = { final: { found: false, status: 'missing', tasks: [], log: [] } };
  expect(violated({ ...change, read: [] })).toEqual(['accepted implies found']);
  expect(violated({ more: [{ at: 1, kind: 'create', swarm: 2, swarmId: 'swarm_2' }] })).toEqual([
    'accepted implies found',
  ]);
});

test('one key that made two swarms', () => {
  const other: Entry = { at: 1_001, kind: 'create', swarm: 1, swarmId: 'swarm_2' };
  expect(violated({ more: [other] })).toEqual(['accepted implies found']);
  expect(checkAll(history({ more: [other] })).some(({ seen }) => seen.includes('idempotency key'))).toBe(
    true,
  );
});

test('a swarm that does not end, or ends with an open task, or fails by itself', () => {
  expect(violated({ log: events(GOOD.slice(0, -1)), final: { status: 'executing' } })).toEqual([
    'every swarm ends',
  ]);
  const [first, second] = TASKS;
  if (first === undefined || second === undefined) throw new Error('two tasks');
  const open = { ...second, status: 'queued', hasOutput: false };
  expect(violated({ final: { tasks: [first, open] } })).toContain('every swarm ends');
  const failed = events([...GOOD.slice(0, -1), ['swarm.failed']]);
  expect(violated({ log: failed, final: { status: 'failed', reason: 'timeout' } })).toEqual([
    'every swarm ends',
  ]);
});

test('a stopped swarm, and one whose task lost its worker three times, may fail', () => {
  const stopped = events([...GOOD.slice(0, -1), ['swarm.stopped']]);
  const stop: Entry = { at: 1_500, kind: 'stop', swarmId: 'swarm_1' };
  expect(violated({ log: stopped, final: { status: 'failed', reason: 'stopped' }, more: [stop] })).toEqual(
    [],
  );
  const lost: Line[] = [1, 2].flatMap((attempt): Line[] => [
    ['task.started', of('task_001', attempt)],
    ['task.retrying', of('task_001', attempt, { code: 'worker_lost' })],
  ]);
  const poison = events([
    ...GOOD.slice(0, 5),
    ...lost,
    ['task.started', of('task_001', 3)],
    ['task.failed', of('task_001', 3, { code: 'poison' })],
    ['task.skipped', { taskId: 'task_002' }],
    ['swarm.failed'],
  ]);
  const tasks = TASKS.map((task, index) => ({
    ...task,
    status: index === 0 ? 'failed' : 'skipped',
    hasOutput: false,
  }));
  expect(violated({ log: poison, final: { status: 'failed', reason: 'task-failed', tasks } })).toEqual([]);
});

test('anything after an end', () => {
  expect(violated({ log: withLines(END, ['swarm.progress']) })).toEqual([
    'every swarm ends',
    'terminal is final',
  ]);
  expect(violated({ log: withLines(12, ['task.assigned', of('task_001', 3)]) })).toEqual([
    'terminal is final',
  ]);
  const status: Entry = { at: 1_900, kind: 'status', swarmId: 'swarm_1', status: 'failed', lastEvent: 16 };
  expect(violated({ more: [status] })).toEqual(['terminal is final']);
});

test('two results, or none', () => {
  const twice = withLines(12, ['task.completed', of('task_001', 2)]);
  expect(violated({ log: twice })).toEqual(['terminal is final', 'one result a task']);
  const [first, second] = TASKS;
  if (first === undefined || second === undefined) throw new Error('two tasks');
  expect(violated({ final: { tasks: [first, { ...second, hasOutput: false }] } })).toEqual([
    'one result a task',
  ]);
});

test('a dependant that starts first', () => {
  const early = events(GOOD.toSpliced(12, 1).toSpliced(11, 0, ['task.started', of('task_002', 1)]));
  expect(violated({ log: early })).toEqual(['a dependency completes before its dependant starts']);
});

test('attempts that fall, repeat, or write after they lost the task', () => {
  const invariant = ['attempts only rise and no lower attempt writes after a higher'];
  expect(violated({ log: withLines(11, ['task.started', of('task_001', 2)]) })).toEqual(invariant);
  expect(violated({ log: withLines(11, ['task.progress', of('task_001', 1)]) })).toEqual(invariant);
  expect(violated({ log: withLines(9, ['artifact.stored', of('task_001', 1)]) })).toEqual(invariant);
});

test('asked twice, decided twice or out of turn, and not decided at all', () => {
  const invariant = ['an approval is asked for once and decided once'];
  const asked: Line = ['approval.requested', of('task_001', 2, { approvalId: 'one' })];
  const decided: Line = ['approval.decided', of('task_001', 2, { approvalId: 'one' })];
  expect(violated({ log: withLines(11, asked, decided) })).toEqual([]);
  expect(violated({ log: withLines(11, asked, asked, decided) })).toEqual(invariant);
  expect(violated({ log: withLines(11, asked, decided, decided) })).toEqual(invariant);
  expect(violated({ log: withLines(11, decided) })).toEqual(invariant);
  expect(violated({ log: withLines(11, asked) })).toEqual(invariant);
});

test('gaps, repeats and differences in what readers got', () => {
  const invariant = ['event seq is 1..n per swarm without gap or repeat across reconnects'];
  const log = events(GOOD);
  expect(violated({ log: log.toSpliced(3, 1), read: [] })).toEqual(invariant);
  expect(violated({ read: log.toSpliced(5, 1) })).toEqual(invariant);
  expect(violated({ read: log.toSpliced(5, 0, ...log.slice(4, 5)) })).toEqual(invariant);
  expect(violated({ read: log.slice(0, -1) })).toEqual(invariant);
  const other = log.map((event) => (event.seq === 8 ? { ...event, type: 'agent.spawned' } : event));
  expect(violated({ read: other })).toEqual(invariant);
});

test('turns paid twice: one for each task in flight at a crash, none without a violent deed', () => {
  const paid = (repeatedPrefixes: number): Entry => ({ at: 3_000, kind: 'spend', repeatedPrefixes });
  expect(violated({ more: [paid(2)] })).toEqual([]);
  expect(violated({ more: [paid(3)] })).toEqual([
    'turns paid again: at most one per task in flight per crash',
  ]);
  const gentle = history({ more: [paid(1)] }).map((entry) =>
    entry.kind === 'action' ? { ...entry, action: 'SIGTERM' } : entry,
  );
  expect(checkAll(gentle)).toHaveLength(1);
});

test('what is left', () => {
  expect(violated({ more: [{ at: 3_000, kind: 'leftover', what: 'A lock is held.' }] })).toEqual([
    'no lease, lock, child process, temporary workspace or ownerless key is left',
  ]);
});
