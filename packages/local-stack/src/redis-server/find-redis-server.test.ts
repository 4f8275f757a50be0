import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRedisServer } from './find-redis-server.ts';

let folders: string[] = [];
beforeEach(async () => {
  folders = await Promise.all(['a', 'b'].map((name) => mkdtemp(join(tmpdir(), `claude-flow-test-${name}-`))));
});
afterEach(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A program that answers as the real one does to --version. */
async function program(folderIndex: number, name: string, answer: string): Promise<string> {
  const path = join(folders[folderIndex] ?? '', name);
  await writeFile(path, `#!/bin/sh\necho "${answer}"\n`, { mode: 0o755 });
  return path;
}

const PATH = () => folders.join(':');

test('nothing on PATH', async () => {
  expect(await findRedisServer({ PATH: PATH() })).toEqual({ rejected: [] });
  expect(await findRedisServer({})).toEqual({ rejected: [] });
});

test('redis-server before valkey-server, wherever it lies', async () => {
  await program(0, 'valkey-server', 'Valkey server v=8.0.1 sha=0');
  const redis = await program(1, 'redis-server', 'Redis server v=7.2.4 sha=0');
  expect(await findRedisServer({ PATH: PATH() })).toEqual({
    found: { path: redis, version: '7.2.4' },
    rejected: [],
  });
});

test('one that is too old is passed over, with its reason', async () => {
  const old = await program(0, 'redis-server', 'Redis server v=6.0.16 sha=0');
  const valkey = await program(1, 'valkey-server', 'Valkey server v=8.0.1 sha=0');
  const result = await findRedisServer({ PATH: PATH() });
  expect(result.found?.path).toBe(valkey);
  expect(result.rejected).toEqual([`${old} is version 6.0.16, but 6.2 or newer is needed.`]);
});

test('one that does not run is passed over, with its own complaint', async () => {
  const path = join(folders[0] ?? '', 'redis-server');
  await writeFile(path, '#!/bin/sh\necho "libjemalloc.so.2: cannot open" >&2\nexit 127\n', { mode: 0o755 });
  const { found, rejected } = await findRedisServer({ PATH: PATH() });
  expect(found).toBeUndefined();
  expect(rejected).toEqual([`${path} cannot be run: libjemalloc.so.2: cannot open`]);
});

test('a file that is not executable is not a program', async () => {
  await writeFile(join(folders[0] ?? '', 'redis-server'), '', { mode: 0o644 });
  expect(await findRedisServer({ PATH: PATH() })).toEqual({ rejected: [] });
});

test('REDIS_SERVER_PATH wins, and must work', async () => {
  await program(0, 'redis-server', 'Redis server v=7.2.4 sha=0');
  const named = await program(1, 'my-redis', 'Redis server v=7.4.0 sha=0');
  const { found } = await findRedisServer({ PATH: PATH(), REDIS_SERVER_PATH: named });
  expect(found).toEqual({ path: named, version: '7.4.0' });
  await expect(findRedisServer({ PATH: PATH(), REDIS_SERVER_PATH: '/nowhere/redis' })).rejects.toThrow(
    /^REDIS_SERVER_PATH does not help: \/nowhere\/redis cannot be run: /,
  );
});
