import { expect, test } from 'vitest';
import { jsonSize } from './json-size.ts';

test.each([
  ['arrays in arrays', '[[[]]]', 3, 0],
  ['objects count too', '{"a":[{"b":{}}]}', 4, 0],
  ['what lies beside does not add up', '[[],[],[[]],{},{}]', 3, 4],
  ['brackets and commas in texts are text', '["[[[,[[", "\\"[[,[["]', 1, 1],
  ['a text that never ends', '["[[[[', 1, 0],
  ['a backslash at the end', '["\\', 1, 0],
  ['never closed', '[[[[', 4, 0],
  ['nothing', '', 0, 0],
])('%s', (_what, json, depth, members) => {
  expect(jsonSize(json)).toEqual({ depth, members });
});
