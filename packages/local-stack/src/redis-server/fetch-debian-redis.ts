import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { minimalEnv } from '../processes/minimal-env.ts';
import { ABANDONED_DOWNLOAD_MS } from '../tunables.ts';
import type { AptSources } from './apt.ts';
import { cacheFolder } from './cache-folder.ts';
import type { LinuxRelease } from './linux-release.ts';
import { checkRedisServer, type RedisServerProgram } from './server-version.ts';
import { START_FILE, unpackRedis } from './unpack-redis.ts';

/*
 * Layout: `<cache>/redis/debian-12-x64.<random>/` for each finished download, `.partial.<random>/` while one is under
 * way. A folder gets its final name only after its Redis has run, and is never changed after that. So there is
 * nothing to lock: of processes that download at once each finishes its own, and all use the first by name.
 */
const PARTIAL = '.partial.';

export interface FetchOptions {
  release: LinuxRelease;
  env?: NodeJS.ProcessEnv;
  onProgress?: (text: string) => void;
}

const removeFolder = (path: string) =>
  rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(PARTIAL)) continue;
    const path = join(cache, name);
    const info = await stat(path).catch(() => undefined);
    if (info !== undefined && Date.now() - info.mtimeMs > ABANDONED_DOWNLOAD_MS) await removeFolder(path);
  }
}

/** The first finished download that runs. One that does not (half deleted, libraries gone) is removed. */
async function findFinished(cache: string, key: string): Promise<RedisServerProgram | undefined> {
  const names = (await readdir(cache)).filter((name) => name.startsWith(`${key}.`)).sort();
  for (const name of names) {
    try {
      return await checkRedisServer(join(cache, name, START_FILE));
    } catch {
      await removeFolder(join(cache, name));
    }
  }
  return undefined;
}

async function download(
  cache: string,
  key: string,
  sources: AptSources,
  options: FetchOptions,
): Promise<void> {
  const { env = process.env, onProgress = () => {} } = options;
  const folder = await mkdtemp(join(cache, PARTIAL));
  try {
    await unpackRedis({ folder, sources, env: minimalEnv({}, env), onProgress });
    await checkRedisServer(join(folder, START_FILE));
    await rename(folder, join(cache, `${key}.${basename(folder).slice(PARTIAL.length)}`));
  } finally {
    await removeFolder(folder);
  }
}

/**
 * On Debian and Ubuntu: a redis-server from the distribution's packages, in the user's cache folder; downloaded
 * unless an earlier run left one that works. Safe when several processes do it at once. Rejects with a sentence.
 */
export async function fetchDebianRedis(options: FetchOptions): Promise<RedisServerProgram> {
  const { release, env = process.env, onProgress = () => {} } = options;
  const cache = await cacheFolder('redis', env);
  const key = `${release.id}-${release.version}-${process.arch}`;
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const cached = await findFinished(cache, key);
  if (cached !== undefined) return cached;

  onProgress(
    `No Redis on this machine: taking the one from ${release.id} ${release.version}'s packages (once, no root).`,
  );
  const failures: string[] = [];
  for (const sources of ['distribution', 'all'] as const) {
    try {
      await download(cache, key, sources, options);
      const program = await findFinished(cache, key);
      if (program === undefined) throw new Error('the downloaded Redis disappeared again');
      onProgress(`Redis ${program.version} is ready in ${dirname(program.path)}.`);
      return program;
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new Error(
    `Taking Redis from the distribution's packages did not work: ${[...new Set(failures)].join('; ')}.`,
  );
}
