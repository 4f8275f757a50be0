import { expect, test } from 'vitest';
import { readOptions } from './options.ts';
import { linesOf, stateIn, table } from './print.ts';

test('changes nothing unless told to, and takes what pnpm passes on', () => {
  expect(readOptions([])).toEqual({ repair: false, json: false, help: false });
  expect(readOptions(['--', '--dry-run', '--json'])).toEqual({ repair: false, json: true, help: false });
  expect(readOptions(['--repair'])).toMatchObject({ repair: true });
});

test.each([[['--repair', '--dry-run']], [['--fix']], [['swarm_a_999999999']]])(
  'refuses %j in a sentence',
  (args) => {
    expect(readOptions(args)).toEqual(expect.any(String));
  },
);

test('a line for each finding, with what became of it', () => {
  const worker = { kind: 'worker', workerId: 'w1', missedAt: 1 } as const;
  const swarm = {
    kind: 'swarm',
    swarmId: 'swarm_a_999999999',
    finding: { verdict: 'ghost' },
    now: 1,
  } as const;
  const lines = linesOf([worker, swarm], stateIn([swarm]));
  expect(lines.map(({ state, verdict, of }) => [state, verdict, of])).toEqual([
    ['repaired', 'worker-gone', 'w1'],
    ['left', 'ghost', 'swarm_a_999999999'],
  ]);
  const [head, first] = table(lines).split('\n');
  expect(head?.indexOf('verdict')).toBe(first?.indexOf('worker-gone'));
});
