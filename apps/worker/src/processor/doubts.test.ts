import { describe, expect, it } from 'vitest';
import { doubtsOf } from './doubts.ts';

const doubts = (
  summary: string,
  changed: string[] = [],
  over: { mayWrite?: boolean; others?: string[] } = {},
) =>
  doubtsOf(
    { summary, output: '' },
    {
      mayWrite: over.mayWrite ?? true,
      artifacts: changed.map((path) => ({ path, digest: 'd', size: 1, mode: 0o644 })),
      there: (path) => (over.others ?? []).includes(path),
    },
  );

describe('doubtsOf', () => {
  it.each([
    ['Wrote src/app.ts, src/main.ts and README.md.', 'src/app.ts, src/main.ts, README.md'],
    ['Created the file `docs/plan.md` as asked.', 'docs/plan.md'],
    ['The decision is written down in docs/decision.md, based on both.', 'docs/decision.md'],
    ['src/app.ts was created.', 'src/app.ts'],
    ['Implemented: calculator.py', 'calculator.py'],
  ])('names what was not made: %s', (summary, paths) => {
    expect(doubts(summary)).toEqual([`Its result says that it made ${paths}, but there is no such file.`]);
    expect(doubts(summary, [], { mayWrite: false })).toEqual([
      expect.stringContaining(`made ${paths}, but the task had no permission to write files`),
    ]);
  });

  it('says that nothing was changed where something is said to be written', () => {
    const nothing = ['Its result says that it wrote something, but the task changed no file.'];
    expect(doubts('I wrote the tests.')).toEqual(nothing);
    expect(doubts('Created two new files for it.')).toEqual(nothing);
    expect(doubts('Updated src/app.ts.', [], { others: ['src/app.ts'] })).toEqual(nothing);
  });

  it.each([
    ['Wrote src/app.ts and docs/app.md.', ['src/app.ts', 'docs/app.md']],
    ['Wrote app.ts.', ['src/app.ts']],
    ['Wrote `./src/app.ts`.', ['src/app.ts']],
    ['I wrote it for Node.js, e.g. with Express.js.', ['a.ts']],
    ['Wrote a.md, which says how src/later.ts is to be made.', ['a.md']],
    ['Compared the options; see the output.', []],
    ['Reviewed src/app.ts: it holds.', []],
  ])('has none about %s', (summary, changed) => {
    expect(doubts(summary, changed)).toEqual([]);
  });

  it('believes a task that may not write and claims no file', () => {
    expect(doubts('The case was written for a small team.', [], { mayWrite: false })).toEqual([]);
  });
});
