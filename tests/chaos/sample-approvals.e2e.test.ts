import { expect, test } from 'vitest';
import { sweep } from './modes/sweep.ts';
import { describeVerdict } from './verdict.ts';

/** A few commands of a worker and of an API; `pnpm chaos approvals` takes every one. */
test('killed while agents ask people and go on from their decisions: nothing is lost, nothing asked or paid twice', async () => {
  const kinds = ['worker', 'api'] as const;
  const verdict = await sweep({
    seed: 1,
    samples: 3,
    cells: 3,
    kinds: [...kinds],
    asking: true,
    say: () => {},
  });
  expect(verdict.violations, describeVerdict(verdict)).toEqual([]);
  const kills = [...verdict.faults].filter(([name]) => name.startsWith('kill-'));
  expect(kills.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(0);
}, 240_000);
