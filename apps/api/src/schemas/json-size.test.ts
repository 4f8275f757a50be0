import { atOnce } from '@claude-flow/core/domain/at-once';
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
  expect(atOnce(jsonSize(json))).toMatchObject({ depth, members });
});

test('the longest list counts for itself, however many fields an object has', () => {
  const json = '[1,2,{"a":[1,2,3,4],"b":1,"c":2,"d":3,"e":4,"f":5}]';
  expect(atOnce(jsonSize(json))).toMatchObject({ members: 10, longestList: 4, mostFields: 6 });
});

test('the longest list and the object with the most fields, wherever they are', () => {
  const json = JSON.stringify({ a: [[1, 2, 3], 'x,y,z,,,,'], b: { c: { d: 1, e: 2, f: { g: [] } } } });
  expect(atOnce(jsonSize(json))).toMatchObject({ longestList: 3, mostFields: 3 });
});
