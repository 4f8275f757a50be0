import { expect, test } from 'vitest';
import { disk } from './modes/disk.ts';
import { describeVerdict } from './verdict.ts';

test('a full disk under Redis, twice, and under a worker: nothing acknowledged is lost, no task fails', async ({
  skip,
}) => {
  const verdict = await disk({ seed: 1, swarms: 6, rounds: 1, say: () => {} });
  if (verdict === undefined) return skip('no disk can be mounted here');
  expect(verdict.violations, describeVerdict(verdict)).toEqual([]);
  expect(verdict.swarms).toBe(6);
  expect(Object.fromEntries(verdict.faults)).toEqual({
    'disk-full redis': 1,
    'disk-full worker': 1,
    'disk-full and refusing redis': 1,
  });
}, 240_000);
