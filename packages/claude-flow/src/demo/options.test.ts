import { describe, expect, it } from 'vitest';
import { DEFAULT_OBJECTIVE, parseDemoOptions } from './options.ts';

describe('the command line of the demo', () => {
  it.each([
    [[], DEFAULT_OBJECTIVE, false],
    [['--'], DEFAULT_OBJECTIVE, false],
    [['Write a small game'], 'Write a small game', false],
    [['--', 'Write a small game'], 'Write a small game', false],
    [['Write', 'a', 'small', 'game'], 'Write a small game', false],
    [['--keep'], DEFAULT_OBJECTIVE, true],
    [['--', '--keep', 'Write a small game'], 'Write a small game', true],
    [['--keep', '--', '--no-objective-like-this'], '--no-objective-like-this', true],
  ])('%j', (args, objective, keep) => {
    expect(parseDemoOptions(args)).toEqual({ kind: 'run', objective, keep });
  });

  it.each([[['--help']], [['-h']], [['--', '--help']]])('%j asks for help', (args) => {
    expect(parseDemoOptions(args).kind).toBe('help');
  });

  it.each([
    [['--fast'], '--fast'],
    [['too short'], 'at least|10 to 2000'],
    [['x'.repeat(2_001)], '10 to 2000'],
  ])('%j is wrong usage', (args, told) => {
    const options = parseDemoOptions(args);
    expect(options).toMatchObject({ kind: 'usage-error', message: expect.stringMatching(told) });
  });
});
