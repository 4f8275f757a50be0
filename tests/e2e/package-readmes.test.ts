import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Every workspace package has a README of one form, and what it names exists. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const HEADINGS = ['What it is for', 'What may go in', 'Entry file', 'Try it alone'];
/** Commands of pnpm itself. */
const BUILT_IN = new Set(['install', 'exec']);

function workspaceFolders(): string[] {
  const text = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const [, list = ''] = /^packages:\n((?: {2}- .*\n)+)/m.exec(text) ?? [];
  const patterns = [...list.matchAll(/- (\S+)/g)].map(([, pattern = '']) => `${pattern}/package.json`);
  return globSync(patterns, { cwd: root })
    .map((file) => dirname(file).replaceAll('\\', '/'))
    .toSorted();
}

function scriptsOf(folder: string): Record<string, string> {
  const parsed: { scripts?: Record<string, string> } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  );
  return parsed.scripts ?? {};
}

function folderOfPackage(name: string): string | undefined {
  return globSync(['apps/*', 'packages/*', 'tests/*', 'bench', 'examples'], { cwd: root }).find(
    (folder) =>
      existsSync(join(root, folder, 'package.json')) &&
      JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).name === name,
  );
}

/** What is wrong with a line of a README's shell block. */
function faultsOf(line: string): string[] {
  const words = line
    .replace(/\s#.*$/, '')
    .trim()
    .split(/\s+/)
    .filter((word) => !/^[A-Z_]+=/.test(word));
  const paths = words.filter((word) => /^(apps|packages|tests|bench|examples)\//.test(word));
  const missing = paths.filter((path) => !existsSync(join(root, path))).map((path) => `no file ${path}`);
  if (words[0] === 'node') return missing;
  if (words[0] !== 'pnpm') return [...missing, `not a command of this repository: ${line}`];
  const filtered = words[1] === '--filter' ? folderOfPackage(words[2] ?? '') : '.';
  if (filtered === undefined) return [`no package ${words[2]}`];
  const [name = ''] = words.slice(words[1] === '--filter' ? 3 : 1).filter((word) => word !== 'run');
  const known = BUILT_IN.has(name) || scriptsOf(filtered)[name] !== undefined;
  return known ? missing : [...missing, `no script ${name} in ${filtered}/package.json`];
}

test('a wrong command is noticed', () => {
  expect(faultsOf('pnpm strat')).toEqual(['no script strat in ./package.json']);
  expect(faultsOf('pnpm --filter nobody build')).toEqual(['no package nobody']);
  expect(faultsOf('pnpm test packages/nothing')).toEqual(['no file packages/nothing']);
  expect(faultsOf('PORT=1 pnpm run doctor   # why')).toEqual([]);
});

describe.each(workspaceFolders())('%s/README.md', (folder) => {
  const file = join(root, folder, 'README.md');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const sections = text.split(/^## /m).slice(1);

  test('has the four headings first, in order, each with text', () => {
    expect(text).toMatch(/^# \S/);
    expect(sections.slice(0, 4).map((section) => section.split('\n')[0])).toEqual(HEADINGS);
    for (const section of sections.slice(0, 4))
      expect(section.split('\n').slice(1).join('').trim()).not.toBe('');
  });

  test('names only files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links).not.toEqual([]);
    const missing = links.filter((link) => !existsSync(join(root, folder, link)));
    expect(missing).toEqual([]);
  });

  test('its commands exist', () => {
    const [, block] = /^## Try it alone\n[\s\S]*?```sh\n([\s\S]*?)```/m.exec(text) ?? [];
    expect(block).toBeDefined();
    expect((block ?? '').trim().split('\n').flatMap(faultsOf)).toEqual([]);
  });
});
