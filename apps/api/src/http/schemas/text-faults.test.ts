import { atOnce } from '@claude-flow/core/domain/at-once';
import { expect, test } from 'vitest';
import { textFaults } from './text-faults.ts';

const faultsOf = (body: unknown) => atOnce(textFaults(body));

test('texts of all characters pass', () => {
  expect(faultsOf({ a: '日本 👩‍👩‍👧 \u0007 \n', b: [1, null, true, { c: '' }] })).toEqual([]);
  expect(faultsOf(undefined)).toEqual([]);
});

test('NUL and half characters are found wherever they are, names included', () => {
  const faults = faultsOf({ a: '\u0000', b: [{ c: '\ud800' }], '\u0000': 1 });
  expect(faults.map(({ field }) => field).sort()).toEqual(['(body)', 'a', 'b.0.c']);
});

test('nesting has an end, and finding that out does too', () => {
  let deep: unknown = 'end';
  for (let i = 0; i < 200_000; i += 1) deep = [deep];
  expect(faultsOf({ deep })).toEqual([
    expect.objectContaining({ message: expect.stringContaining('32 levels') }),
  ]);
});

test('a body full of faults names the first ones only', () => {
  expect(faultsOf(Array.from({ length: 10_000 }, () => '\u0000')).length).toBe(20);
});
