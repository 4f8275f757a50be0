import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** docs/architecture.md begins with a picture, and its walk names files and functions that exist. */
const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const text = readFileSync(join(docs, 'architecture.md'), 'utf8');
const [, walk = ''] = /^## One swarm through the files\n([\s\S]*?)^## /m.exec(text) ?? [];

/** What is wrong with a link of the walk; undefined when the file defines what the link names. */
function faultOf(name: string, path: string): string | undefined {
  const file = join(docs, path);
  if (!existsSync(file)) return `no file ${path}`;
  if (basename(file) === name) return undefined;
  const defined = new RegExp(`\\b(?:function\\*?|const|class) ${name}\\b`).test(readFileSync(file, 'utf8'));
  return defined ? undefined : `no function ${name} in ${path}`;
}

test('the document begins with the picture', () => {
  expect(text).toMatch(/^# Architecture\n\n```mermaid\n/);
});

test('every link of the walk leads to the function or script it names', () => {
  const links = [...walk.matchAll(/\[`([^`]+)`\]\(([^)]+)\)/g)];
  expect(links.length).toBeGreaterThan(30);
  expect(links.flatMap(([, name = '', path = '']) => faultOf(name, path) ?? [])).toEqual([]);
});

test('every link of the walk is of that form, and each step has one', () => {
  const all = [...walk.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, path = '']) => path);
  expect(all.filter((path) => !existsSync(join(docs, path)))).toEqual([]);
  const steps = walk.split(/^\d+\. /m).slice(1);
  expect(steps.length).toBeGreaterThan(8);
  expect(steps.filter((step) => !step.includes('](../'))).toEqual([]);
});

test('a wrong name and a wrong path are noticed', () => {
  expect(faultOf('nobody', '../apps/api/src/app.ts')).toBe('no function nobody in ../apps/api/src/app.ts');
  expect(faultOf('createApp', '../apps/api/src/nothing.ts')).toBe('no file ../apps/api/src/nothing.ts');
});
