import fc from 'fast-check';
import { expect, test } from 'vitest';
import { oneLine } from './one-line.ts';

test.each([
  ['Write the\nmanual', 'Write the manual'],
  ['Write the \r\n\r\n  manual\n', 'Write the manual'],
  ['a\u2028b\u2029c\u0085d\ve\ff', 'a b c d e f'],
  ['two  spaces stay', 'two  spaces stay'],
  ['\n\n', ''],
])('%j becomes %j', (given, kept) => {
  expect(oneLine(given)).toBe(kept);
});

test('whatever comes: one line, no longer than before, and the same when done again', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', ' ', '\n', '\r', '\u2028', '\u2029', '\u0085', '\v', '\f', '\t'),
  });
  fc.assert(
    fc.property(text, (given) => {
      const kept = oneLine(given);
      expect(kept).not.toMatch(/[\n\r\v\f\u0085\u2028\u2029]/);
      expect(kept.length).toBeLessThanOrEqual(given.length);
      expect(oneLine(kept)).toBe(kept);
    }),
  );
});

test('a megabyte of blanks is looked at once, not from each blank anew, which would take minutes', () => {
  const blanks = ' '.repeat(1_000_000);
  expect(oneLine(`a${blanks}b${blanks}\nc`)).toBe(`a${blanks}b c`);
});
