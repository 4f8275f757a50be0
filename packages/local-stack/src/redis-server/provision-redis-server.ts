import { fetchDebianRedis } from './fetch-debian-redis.ts';
import { findRedisServer } from './find-redis-server.ts';
import { howToGetRedis } from './how-to-get-redis.ts';
import { isFamily, readLinuxRelease } from './linux-release.ts';
import type { RedisServerProgram } from './server-version.ts';

export interface ProvisionOptions {
  env?: NodeJS.ProcessEnv;
  /** Told, in sentences for a person, what happens when it takes longer. */
  onProgress?: (text: string) => void;
}

/**
 * A Redis program that runs on this machine: from REDIS_SERVER_PATH or PATH, else on Debian and Ubuntu from the
 * distribution's packages. Rejects with one sentence that says what to install.
 */
export async function provisionRedisServer(options: ProvisionOptions = {}): Promise<RedisServerProgram> {
  const { env = process.env, onProgress = () => {} } = options;
  const { found, rejected } = await findRedisServer(env);
  if (found !== undefined) return found;
  const release = await readLinuxRelease();
  const reasons = [...rejected];
  if (isFamily(release, 'debian', 'ubuntu') && release !== undefined) {
    try {
      return await fetchDebianRedis({ release, env, onProgress });
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new Error(howToGetRedis({ platform: process.platform, release, reasons }));
}
