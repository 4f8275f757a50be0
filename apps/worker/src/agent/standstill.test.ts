import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import type { Turn } from './replay.ts';
import { standstill } from './standstill.ts';

function turn(
  name: string,
  input: object,
  content: string,
  over: Partial<Turn> & { isError?: boolean } = {},
): Turn {
  const { isError = true, ...rest } = over;
  // Each turn's ids are its own.
  const id = `t${Math.random()}`;
  return {
    number: 1,
    content: [{ type: 'tool_use', id, name, input } as Anthropic.ToolUseBlock],
    stopReason: 'tool_use',
    usage: {},
    started: new Set(),
    answers: new Map([[id, { content, isError }]]),
    ...rest,
  };
}
const bad = (over: Partial<Turn> = {}) => turn('read_file', { file: 'a' }, 'path: required', over);
const warned = { notice: 'Stop that.' };

describe('standstill', () => {
  it('warns after three equal calls with equal answers, and ends with the next, naming call and refusal', () => {
    expect(standstill([bad(), bad()])).toBeUndefined();
    const notice = standstill([bad(), bad(), bad()]);
    expect(notice).toMatchObject({ notice: { text: expect.stringContaining('same call 3 times') } });
    expect(standstill([bad(), bad(), bad(warned), bad()])).toEqual({
      last: expect.stringMatching(/same call of read_file 4 times .*read_file: "path: required"/),
    });
  });

  it('warns first, however long a journal of before is', () => {
    expect(standstill(Array.from({ length: 30 }, () => bad()))).toHaveProperty('notice');
  });

  it('counts anew after something else, and minds neither words nor ids', () => {
    const other = turn('list_files', {}, 'a.md', { isError: false });
    expect(standstill([bad(), bad(), other, bad()])).toBeUndefined();
    expect(standstill([bad(), bad(), bad(warned), other, bad(), bad()])).toBeUndefined();
  });

  it('is not there while answers differ', () => {
    const looks = ['1', '2', '3', '4', '5'].map((files) => turn('list_files', {}, files, { isError: false }));
    expect(standstill(looks)).toBeUndefined();
  });

  it('sees successful calls that bring nothing new', () => {
    const same = (over: Partial<Turn> = {}) =>
      turn('read_file', { path: 'a' }, 'text', { isError: false, ...over });
    expect(standstill([same(), same(), same()])).toHaveProperty('notice');
    expect(standstill([same(), same(), same(warned), same()])).toHaveProperty('last');
  });

  it('sees rounds of two and three calls', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((path) =>
      turn('read_file', { path }, path, { isError: false }),
    ) as [Turn, Turn, Turn];
    expect(standstill([a, b, a, b])).toBeUndefined();
    expect(standstill([a, b, a, b, a, b])).toHaveProperty('notice');
    expect(standstill([a, b, a, b, a, { ...b, ...warned }, a])).toHaveProperty('last');
    expect(standstill([a, b, c, a, b, c, a, b, c])).toHaveProperty('notice');
  });

  it('sees that nothing but refusals comes, whatever was called', () => {
    const refused = (n: number, over: Partial<Turn> = {}) =>
      turn('read_file', { path: `${n}` }, `no ${n}`, over);
    const six = [1, 2, 3, 4, 5, 6].map((n) => refused(n));
    expect(standstill(six.slice(1))).toBeUndefined();
    expect(standstill(six)).toMatchObject({ notice: { text: expect.stringContaining('Every call') } });
    const told = [...six.slice(0, 5), refused(6, warned)];
    expect(standstill([...told, refused(7), refused(8)])).toBeUndefined();
    expect(standstill([...told, refused(7), refused(8), refused(9)])).toEqual({
      last: expect.stringContaining('read_file: "no 9"'),
    });
    expect(
      standstill([...told, turn('list_files', {}, 'a', { isError: false }), refused(8)]),
    ).toBeUndefined();
  });
});
