import { expect, test } from 'vitest';
import { readReadyLine } from './ready-line.ts';

test('the ports of a ready line', () => {
  expect(readReadyLine('{"event":"process.ready","ports":{"http":8080,"health":9}}')).toEqual({
    http: 8080,
    health: 9,
  });
});

test('a process that serves nothing is ready too', () => {
  expect(readReadyLine('{"event":"process.ready"}')).toEqual({});
  expect(readReadyLine('{"event":"process.ready","ports":{"http":null}}')).toEqual({});
});

test.each([
  'process.ready',
  '{"event":"task.claimed"}',
  '{"msg":"process.ready"}',
  '{"event":"process.ready"',
  'null',
])('no ready line: %s', (line) => {
  expect(readReadyLine(line)).toBeUndefined();
});
