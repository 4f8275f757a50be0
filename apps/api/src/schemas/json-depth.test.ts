import { expect, test } from 'vitest';
import { nestsDeeper } from './json-depth.ts';

const arrays = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

test.each([
  ['as deep as allowed', arrays(3), false],
  ['one deeper', arrays(4), true],
  ['objects count too', '{"a":[{"b":{}}]}', true],
  ['what lies beside does not add up', '[[],[],[[]],{},{}]', false],
  ['brackets in texts are text', '["[[[[[", "\\"[[[[["]', false],
  ['a text that never ends', '["[[[[', false],
  ['a backslash at the end', '["\\', false],
  ['never closed', '[[[[', true],
  ['nothing', '', false],
])('%s', (_what, json, deeper) => {
  expect(nestsDeeper(json, 3)).toBe(deeper);
});
