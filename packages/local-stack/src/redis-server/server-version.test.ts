import { expect, test } from 'vitest';
import { isNewEnough, readVersion } from './server-version.ts';

test.each([
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1', '7.0.15'],
  ['Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', '8.1.1'],
  ['some other program 7.0.1', undefined],
])('%s', (answer, version) => {
  expect(readVersion(answer)).toBe(version);
});

test.each([
  ['6.0.16', false],
  ['5.0.7', false],
  ['6.2.0', true],
  ['7.0.15', true],
  ['10.0.0', true],
])('%s is new enough: %s', (version, enough) => {
  expect(isNewEnough(version)).toBe(enough);
});
