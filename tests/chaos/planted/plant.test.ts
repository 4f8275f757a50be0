import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as planted from './plant.ts';

const root = new URL('../../../', import.meta.url);
const sources = globSync('{apps,packages}/*/{src,lua}/**/*.{ts,lua}', { cwd: root });
const bugs = Object.entries(planted).flatMap(([name, value]) =>
  typeof value === 'function' ? [] : value.map((bug) => [name, bug] as const),
);

test.each(bugs)('%s: the place of $file is still there', (_name, { file, find }) => {
  const holding = sources.filter((path) => path.endsWith(file));
  expect(holding).toHaveLength(1);
  expect(readFileSync(new URL(holding[0] ?? '', root), 'utf8')).toMatch(new RegExp(find));
});
