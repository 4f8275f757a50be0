import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheCandidates, cacheFolder } from './cache-folder.ts';

let root = '';
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'claude-flow-test-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('XDG_CACHE_HOME, then the home folder, then the folder for temporary files', () => {
  const [xdg, home, temp] = cacheCandidates({ XDG_CACHE_HOME: '/x', HOME: '/h', TMPDIR: '/t' });
  expect([xdg, home]).toEqual(['/x/claude-flow-remote', '/h/.cache/claude-flow-remote']);
  expect(temp).toMatch(/^\/t\/claude-flow-remote-\d+$/);
});

test('a relative XDG_CACHE_HOME is ignored', () => {
  expect(cacheCandidates({ XDG_CACHE_HOME: 'x', HOME: '/h' })[0]).toBe('/h/.cache/claude-flow-remote');
});

test('an empty home folder is filled', async () => {
  expect(await cacheFolder('redis', { HOME: root })).toBe(
    join(root, '.cache', 'claude-flow-remote', 'redis'),
  );
});

test('where the home folder cannot be written to, the next place is taken', async () => {
  await writeFile(join(root, 'file'), '');
  const folder = await cacheFolder('redis', { HOME: join(root, 'file'), TMPDIR: root });
  expect(folder).toMatch(new RegExp(`^${root}/claude-flow-remote-\\d+/redis$`));
});

test('a folder that others can write to, or a link to another place, is not trusted', async () => {
  const open = join(root, 'open', 'claude-flow-remote');
  await mkdir(join(open, 'redis'), { recursive: true });
  await chmod(open, 0o777);
  await mkdir(join(root, 'home', '.cache'), { recursive: true });
  await symlink(open, join(root, 'home', '.cache', 'claude-flow-remote'));
  const env = {
    XDG_CACHE_HOME: join(root, 'open'),
    HOME: join(root, 'home'),
    TMPDIR: join(root, 'none', 'file'),
  };
  await writeFile(join(root, 'none'), '');
  await expect(cacheFolder('redis', env)).rejects.toThrow(/open to others.*Set XDG_CACHE_HOME/s);
});
