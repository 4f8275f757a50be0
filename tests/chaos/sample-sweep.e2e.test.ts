import { expect, test } from 'vitest';
import { sweep } from './modes/sweep.ts';
import { describeVerdict } from './verdict.ts';

/** A few commands of each kind of process; `pnpm chaos sweep` takes every one. */
test('each kind of process killed before or after one of its Redis commands: nothing is lost', async () => {
  const verdict = await sweep({ seed: 1, samples: 3, cells: 3, say: () => {} });
  expect(verdict.violations, describeVerdict(verdict)).toEqual([]);
  const kills = [...verdict.faults].filter(([name]) => name.startsWith('kill-'));
  // A run may end before it comes to its command: how many there are differs a little from run to run.
  expect(kills.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(0);
}, 240_000);
