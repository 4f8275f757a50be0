import { expect, test } from 'vitest';
import { describeVerdict } from '../verdict.ts';
import { sweep } from './sweep.ts';

test('a sample of the sweep: each kind of process killed before or after one of its Redis commands', async () => {
  const verdict = await sweep({ seed: 1, samples: 3, cells: 3, say: () => {} });
  expect(verdict.violations, describeVerdict(verdict)).toEqual([]);
  expect(verdict.swarms).toBeGreaterThanOrEqual(9);
  const kills = [...verdict.faults].filter(([name]) => name.startsWith('kill-'));
  expect(kills.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThanOrEqual(6);
}, 180_000);
