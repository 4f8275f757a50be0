import { expect, test } from 'vitest';
import { exampleOf, exportsOf } from './public-docs.ts';

/** What a method of a small interface cannot show better than the interface's own example. */
const SHOWN_BY_OWNER = /^(RouteRequest|RouteResponse|Plugin|PluginHost)\./;

test.each([
  ['client/index.ts', 90],
  ['headless/index.ts', 90],
])('every export of %s has a doc comment, and everything callable an example', (entry, atLeast) => {
  const all = exportsOf(entry);
  expect(all.length).toBeGreaterThan(atLeast);
  const undocumented = all.filter(
    ({ name, comment }) => (comment ?? '') === '' && !SHOWN_BY_OWNER.test(name),
  );
  expect(undocumented.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
  const without = all.filter(
    ({ name, comment, callable }) =>
      callable && exampleOf(comment) === undefined && !SHOWN_BY_OWNER.test(name),
  );
  expect(without.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
});

test('the entries are read to the end: what they export at run time is among what was found', async () => {
  for (const [entry, loaded] of [
    ['client/index.ts', await import('../src/client/index.ts')],
    ['headless/index.ts', await import('../src/headless/index.ts')],
  ] as const) {
    const found = new Set(exportsOf(entry).map(({ name }) => name));
    const missing = Object.keys(loaded).filter((name) => !found.has(name) && name !== 'SecureAuthManager');
    expect(missing).toEqual([]);
  }
});
