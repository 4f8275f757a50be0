import { expect, test } from 'vitest';
import { jsonSize } from './json-size.ts';

test.each([
  ['arrays in arrays', '[[[]]]', 3, 0, 0],
  ['objects count too', '{"a":[{"b":{}}]}', 4, 0, 0],
  ['what lies beside does not add up', '[[],[],[[]],{},{}]', 3, 4, 5],
  ['brackets and commas in texts are text', '["[[[,[[", "\\"[[,[["]', 1, 1, 2],
  ['a text that never ends', '["[[[[', 1, 0, 0],
  ['a backslash at the end', '["\\', 1, 0, 0],
  ['never closed', '[[[[', 4, 0, 0],
  ['the longest list counts, not objects', '[1,2,{"a":[1,2,3,4],"b":1,"c":2,"d":3,"e":4,"f":5}]', 3, 10, 4],
  ['nothing', '', 0, 0, 0],
])('%s', (_what, json, depth, members, longest) => {
  expect(jsonSize(json)).toEqual({ depth, members, longest });
});
