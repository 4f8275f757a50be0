import { atOnce } from '@claude-flow/core/domain/at-once';
import { expect, test } from 'vitest';
import { jsonSize } from './json-size.ts';

const sizeOf = (json: string, limits = { depth: 256, list: 3, fields: 2 }) => atOnce(jsonSize(json, limits));
const roomy = { depth: 256, list: 100, fields: 100 };

test.each([
  ['what lies beside does not add up', '[[],[],[[]],{},{}]', 4],
  ['brackets and commas in texts are text', '["[[[,[[", "\\"[[,[["]', 1],
  ['a text that never ends', '["[[[[', 0],
  ['a backslash at the end', '["\\', 0],
  ['never closed', '[[[[', 0],
  ['closed only', ']}]}', 0],
  ['nothing', '', 0],
])('%s', (_what, json, members) => {
  expect(sizeOf(json, roomy)).toEqual({ tooDeep: false, members, tooWide: undefined });
});

test.each([
  ['a list', '[1,2,3,4]', '', true, 4],
  ['a list in an object', '{"a":{"b":[1,2,3,4]}}', 'a.b', true, 4],
  ['an object in lists', '[1,[2,{"a":"x,y,z","b":[],"c":{}}]]', '1.1', false, 3],
  ['the outer one of two', '{"a":[[1,2,3,4],2,3,4,5]}', 'a', true, 5],
  ['the first of two', '{"a":[1,2,3,4],"b":[1,2,3,4,5]}', 'a', true, 4],
  ['a name with quotes', '{"a\\"b":[1,2,3,4]}', 'a"b', true, 4],
  ['a name that is the value of the field before', '{"a":"b","c":[1,2,3,4]}', 'c', true, 4],
])('too wide: %s', (_what, json, path, isList, count) => {
  expect(sizeOf(json).tooWide).toEqual({ path, isList, count });
});

test('a long name is cut', () => {
  const path = sizeOf(JSON.stringify({ ['x'.repeat(100_000)]: [1, 2, 3, 4] })).tooWide?.path;
  expect(path).toMatch(/^x{190,200}\.\.\.$/);
});

test('depth: as deep as allowed, and one more', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(sizeOf(nested(256)).tooDeep).toBe(false);
  expect(sizeOf(nested(257)).tooDeep).toBe(true);
  expect(sizeOf('['.repeat(500_000)).tooDeep).toBe(true);
});

test.each([
  [null, 0],
  [['a,b', { c: [], d: [1] }], 2],
  [{ '{': '}', '"': ['\\', '\\"', ']'] }, 3],
])('%j: what is counted is what it has', (value, members) => {
  for (const space of [0, 2]) {
    const json = JSON.stringify(value, null, space);
    expect(sizeOf(json, roomy)).toEqual({ tooDeep: false, members, tooWide: undefined });
  }
});
