import { expect, test } from 'vitest';
import { jsonDepthExceeds } from './json-depth.ts';

test.each([
  ['', false],
  ['{}', false],
  ['[[1]]', false],
  ['[[[1]]]', true],
  ['{"a":[{"b":1}]}', true],
  ['[[1],[2],[3],[4]]', false],
  ['["[[[[", {"]": "}}"}]', false],
  ['["\\"[[[[", []]', false],
  ['["\\\\", [[', true],
  ['[[[', true],
])('%s deeper than two: %s', (text, deep) => {
  expect(jsonDepthExceeds(text, 2)).toBe(deep);
});
