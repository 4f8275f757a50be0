import { describe, expect, test } from 'vitest';
import { ClaudeFlowError } from './errors.ts';
import { isSwarmId, isTaskId, newSwarmId, taskId, taskJobId } from './ids.ts';
import { RETRY_CAP_MS, retryDelayMs } from './retry.ts';
import { classifyTask, DELIVERY_GRACE_MS, ENQUEUE_GRACE_MS } from './stale.ts';
import { graphFaults, leafKeys } from './task-graph.ts';
import { defaultCapabilities, priorityNumber, queuePriority } from './vocabulary.ts';

describe('ids', () => {
  test('a new swarm id has the documented form and is not repeated', () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => newSwarmId(1_763_870_000_000)));
    expect(ids.size).toBe(1_000);
    for (const id of ids) expect(isSwarmId(id)).toBe(true);
  });

  test.each([
    'swarm_',
    'swarm_a_b',
    'swarm_abc_123456789}',
    'swarm_abc_12345678:x',
    '../swarm_abc_123456789',
    '',
  ])('refuses %j as a swarm id', (text) => expect(isSwarmId(text)).toBe(false));

  test('task ids are numbered and sort', () => {
    expect(taskId(7)).toBe('task_007');
    expect(taskId(10_000)).toBe('task_10000');
    expect(isTaskId('task_007')).toBe(true);
    expect(isTaskId('task_7')).toBe(false);
  });

  test('a job id has no colon, which BullMQ refuses', () => {
    expect(taskJobId('swarm_a_123456789', 'task_001', 2)).toBe('swarm_a_123456789.task_001.2');
  });
});

describe('task graphs', () => {
  const node = (key: string, ...dependsOn: string[]) => ({ key, dependsOn });

  test('a diamond has no fault, and one leaf', () => {
    const graph = [node('a'), node('b', 'a'), node('c', 'a'), node('d', 'b', 'c')];
    expect(graphFaults(graph)).toEqual([]);
    expect(leafKeys(graph)).toEqual(['d']);
  });

  test('all faults are told at once', () => {
    const faults = graphFaults([node('a', 'a'), node('b', 'nowhere'), node('b')]);
    expect(faults.map((fault) => fault.message)).toEqual([
      'Duplicate task key "b".',
      'Task "a" depends on itself.',
      'Task "b" depends on "nowhere", which is not in the graph.',
    ]);
  });

  test('a circle is named, and only its members and what hangs on them', () => {
    const faults = graphFaults([node('free'), node('x', 'z', 'free'), node('y', 'x'), node('z', 'y')]);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.message).toContain('"x", "y", "z"');
  });

  test('no task, and too many', () => {
    expect(graphFaults([])[0]?.message).toContain('no task');
    expect(graphFaults([node('a'), node('b')], 1)[0]?.message).toContain('at most 1');
  });

  test('10,000 tasks in a chain are checked without recursion', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) =>
      i === 0 ? node('t0') : node(`t${i}`, `t${i - 1}`),
    );
    expect(graphFaults(chain)).toEqual([]);
  });

  test('a dependency named twice counts once', () => {
    expect(graphFaults([node('a'), node('b', 'a', 'a')])).toEqual([]);
  });
});

describe('retries', () => {
  test('grow, stay under the cap, and keep their jitter within half a step', () => {
    expect(retryDelayMs(1, 0)).toBe(500);
    expect(retryDelayMs(1, 1)).toBe(1_000);
    expect(retryDelayMs(3, 1)).toBe(4_000);
    expect(retryDelayMs(50, 1)).toBe(RETRY_CAP_MS);
  });
});

describe('the classifier', () => {
  const task = { attempt: 1 };
  test.each([
    [
      'a running task whose lease holds',
      { task: { ...task, status: 'running' }, leaseUntil: 101 },
      'healthy',
    ],
    [
      'a running task whose lease ended',
      { task: { ...task, status: 'running' }, leaseUntil: 100 },
      'lease-expired',
    ],
    ['a running task without a lease', { task: { ...task, status: 'running' } }, 'lease-expired'],
    [
      'a queued task whose job waits',
      { task: { ...task, status: 'queued', queuedAt: -1e9 }, job: 'waiting' },
      'healthy',
    ],
    [
      'a queued task with no job, just queued',
      { task: { ...task, status: 'queued', queuedAt: 100 - ENQUEUE_GRACE_MS + 1 }, job: 'missing' },
      'healthy',
    ],
    [
      'a queued task with no job',
      { task: { ...task, status: 'queued', queuedAt: 100 - ENQUEUE_GRACE_MS }, job: 'missing' },
      'job-missing',
    ],
    [
      'a delivered job that nobody claimed',
      { task: { ...task, status: 'queued', queuedAt: 100 - DELIVERY_GRACE_MS }, job: 'active' },
      'delivery-lost',
    ],
    ['a retry that is due', { task: { ...task, status: 'retrying', retryAt: 100 } }, 'retry-due'],
    ['a retry that is not due', { task: { ...task, status: 'retrying', retryAt: 101 } }, 'healthy'],
    ['a ready task', { task: { ...task, status: 'ready' } }, 'never-queued'],
    ['a completed task', { task: { ...task, status: 'completed' } }, 'healthy'],
    ['a blocked task', { task: { ...task, status: 'blocked' } }, 'healthy'],
  ] as const)('%s', (_name, seen, verdict) => {
    expect(classifyTask(seen, 100)).toBe(verdict);
  });
});

test('priorities: higher is more urgent outside, lower first in the queue', () => {
  expect(priorityNumber('high')).toBe(3);
  expect(queuePriority(priorityNumber('critical'))).toBe(1);
  expect(queuePriority(priorityNumber('low'))).toBe(4);
});

test('every agent type has all the documented capability names', () => {
  expect(Object.keys(defaultCapabilities('coder'))).toEqual([
    'codeGeneration',
    'codeReview',
    'testing',
    'documentation',
    'research',
    'analysis',
  ]);
  expect(defaultCapabilities('coder')['codeGeneration']).toBe(true);
  expect(defaultCapabilities('tester')['codeGeneration']).toBe(false);
});

test('an error keeps its cause and is not retryable unless told', () => {
  const error = new ClaudeFlowError('internal', 'x', { cause: 7 });
  expect([error.cause, error.retryable, error.details]).toEqual([7, false, []]);
});
