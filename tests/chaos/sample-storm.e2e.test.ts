import { expect, test } from 'vitest';
import { rolling } from './modes/rolling.ts';
import { storm } from './modes/storm.ts';
import { describeVerdict } from './verdict.ts';

test('random faults over eight swarms: nothing is lost, nobody else sees anything, and what is stopped is stopped', async () => {
  const verdict = await storm({ seed: 1, swarms: 8, seconds: 10, say: () => {} });
  expect(verdict.violations, describeVerdict(verdict)).toEqual([]);
  expect(verdict.swarms).toBe(8);
  expect(verdict.faults.size).toBeGreaterThan(2);
}, 240_000);

test('every process restarted while swarms run: nothing is lost, and no turn is paid twice', async () => {
  const verdict = await rolling({ seed: 1, swarms: 4, rounds: 1, say: () => {} });
  expect(verdict.violations, describeVerdict(verdict)).toEqual([]);
  expect(verdict.repeatedTurns).toBe(0);
  expect([...verdict.faults.keys()].sort()).toEqual(['SIGTERM api', 'SIGTERM scheduler', 'SIGTERM worker']);
}, 240_000);
