import type { SwarmEvent } from 'claude-flow/client';
import { expect, test } from 'vitest';
import type { Entry } from './history.ts';
import { createRandom } from './random.ts';
import { percentile, recoveryTimes } from './recovery.ts';

const event = (seq: number, at: number, type: string, data: Record<string, unknown> = {}): SwarmEvent => ({
  seq,
  epoch: 1,
  type,
  at,
  swarmId: 'swarm_1',
  taskId: 'task_001',
  attempt: 1,
  data,
});
const final = (log: SwarmEvent[]): Entry => ({
  at: 9_000,
  kind: 'final',
  swarmId: 'swarm_1',
  found: true,
  status: 'completed',
  reason: null,
  tasks: [],
  log,
});
const kill = (workerId: string): Entry => ({
  at: 1_500,
  kind: 'action',
  action: 'SIGKILL',
  target: 'worker-1',
  workerId,
});

const LOG = [
  event(1, 1_000, 'task.started', { workerId: 'one' }),
  event(2, 1_400, 'task.progress'),
  event(3, 3_000, 'task.retrying'),
  event(4, 3_100, 'task.started', { workerId: 'two' }),
];

test('a killed worker: from the kill to the next attempt of what it ran', () => {
  expect(recoveryTimes([kill('one'), final(LOG)])).toEqual(new Map([['SIGKILL worker', [1_600]]]));
  expect(recoveryTimes([kill('two'), final(LOG)]).size).toBe(0);
  expect(
    recoveryTimes([kill('one'), final([...LOG.slice(0, 1), event(2, 1_450, 'task.completed')])]).size,
  ).toBe(0);
});

test('a worker killed while it hands in its files had its task', () => {
  const files = LOG.map((one) => (one.seq === 2 ? event(2, 1_400, 'artifact.stored') : one));
  expect(recoveryTimes([kill('one'), final(files)])).toEqual(new Map([['SIGKILL worker', [1_600]]]));
});

test('anything else: from the fault to the next event of each swarm under way', () => {
  const fault: Entry = { at: 1_500, kind: 'action', action: 'redis-killed', target: 'redis' };
  expect(recoveryTimes([fault, final(LOG)])).toEqual(new Map([['redis-killed redis', [1_500]]]));
  expect(recoveryTimes([{ ...fault, cluster: 'other' }, final(LOG)]).size).toBe(0);
});

test('what waits for a worker with a fault of its own is no measure of another process’s fault', () => {
  const fault: Entry = { at: 1_500, kind: 'action', action: 'reset', target: 'scheduler-1' };
  const blocked = (workerId: string): Entry => ({ ...kill(workerId), at: 1_200, action: 'block' }) as Entry;
  const times = new Map([['reset scheduler', [1_500]]]);
  expect(recoveryTimes([fault, final(LOG)])).toEqual(times);
  expect(recoveryTimes([blocked('another'), fault, final(LOG)])).toEqual(times);
  expect(recoveryTimes([blocked('one'), fault, final(LOG)]).has('reset scheduler')).toBe(false);
});

test('what the next fault of Redis holds up is no measure of the one before', () => {
  const back: Entry = { at: 1_500, kind: 'action', action: 'redis-back after redis-full', target: 'redis' };
  const next: Entry = { ...back, at: 1_600, action: 'redis-killed' };
  expect([...recoveryTimes([back, next, final(LOG)]).keys()]).toEqual(['redis-killed redis']);
  expect([...recoveryTimes([back, { ...next, at: 3_200 }, final(LOG)]).keys()]).toEqual([
    'redis-back after redis-full redis',
  ]);
});

test('percentiles by rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile([7], 0.99)]).toEqual([50, 99, 7]);
});

test('a seed repeats its choices', () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 20 }, () => random.integer(1, 6));
  };
  expect(draw(3)).toEqual(draw(3));
  expect(draw(3)).not.toEqual(draw(4));
  expect(new Set(draw(3).flatMap(() => draw(3))).size).toBeGreaterThan(3);
});
