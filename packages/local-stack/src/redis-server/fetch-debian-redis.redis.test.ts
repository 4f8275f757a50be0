import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixture } from '../test-fixtures/fixture.ts';
import { findRedisServer } from './find-redis-server.ts';
import { isFamily, readLinuxRelease } from './linux-release.ts';
import { checkRedisServer } from './server-version.ts';

/** Where Redis is installed nobody needs the download, and the tests should not need the network. */
const { REDIS_SERVER_PATH: _, ...plainEnv } = process.env;
const isNeeded =
  isFamily(await readLinuxRelease(), 'debian', 'ubuntu') &&
  (await findRedisServer(plainEnv)).found === undefined;
const DOWNLOAD_MS = 180_000;

let cache = '';
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'claude-flow-test-'));
});
afterAll(() => rm(cache, { recursive: true, force: true }));

interface Fetched {
  program?: { path: string; version: string };
  failure?: string;
  told: string[];
}

async function fetchInOwnProcess(env: Record<string, string> = {}): Promise<Fetched> {
  const { stdout } = await promisify(execFile)(process.execPath, [fixture('fetch-redis')], {
    env: { ...plainEnv, HOME: '', XDG_CACHE_HOME: cache, ...env },
  });
  return JSON.parse(stdout) as Fetched;
}

const folder = () => join(cache, 'claude-flow-remote', 'redis');

test.runIf(isNeeded)(
  'two processes at once with an empty cache, then a cache that is half gone',
  async (context) => {
    const both = await Promise.all([fetchInOwnProcess(), fetchInOwnProcess()]);
    const offline = both.find(({ failure }) =>
      /Could not (connect|resolve)|Temporary failure/.test(failure ?? ''),
    );
    context.skip(offline !== undefined, `No network: ${offline?.failure}`);
    for (const { program, failure, told } of both) {
      expect(failure).toBeUndefined();
      expect(told.at(-1)).toContain('is ready in');
      expect((await checkRedisServer(program?.path ?? '')).version).toBe(program?.version);
    }
    // Finished downloads only, and no lists or packages in them.
    const finished = await readdir(folder());
    expect(finished.filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await readdir(join(folder(), finished[0] ?? ''))).not.toContain('apt');

    const again = await fetchInOwnProcess();
    expect(again.told).toEqual([]);

    // One download has lost its program, and an old one was never finished: neither disturbs, both are cleared away.
    const broken = join(folder(), finished[0] ?? '');
    await rm(join(broken, 'usr'), { recursive: true });
    await mkdir(join(folder(), '.partial.killed'));
    await utimes(join(folder(), '.partial.killed'), 0, 0);
    const repaired = await fetchInOwnProcess();
    expect(repaired.failure).toBeUndefined();
    expect((await checkRedisServer(repaired.program?.path ?? '')).path.startsWith(broken)).toBe(false);
    const left = await readdir(folder());
    expect(left).not.toContain(finished[0]);
    expect(left).not.toContain('.partial.killed');
  },
  DOWNLOAD_MS,
);

test.runIf(isNeeded)(
  'without a network: the reason in one sentence, and nothing half done',
  async () => {
    const empty = await mkdtemp(join(tmpdir(), 'claude-flow-test-'));
    const nowhere = 'http://127.0.0.1:9';
    const env = { XDG_CACHE_HOME: empty, http_proxy: nowhere, https_proxy: nowhere };
    const { failure } = await fetchInOwnProcess(env);
    expect(failure).toMatch(/^Taking Redis from the distribution's packages did not work: .*(connect|fetch)/);
    expect(await readdir(join(empty, 'claude-flow-remote', 'redis'))).toEqual([]);
    await rm(empty, { recursive: true });
  },
  60_000,
);
