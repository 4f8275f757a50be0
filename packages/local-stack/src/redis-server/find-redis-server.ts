import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { checkRedisServer, type RedisServerProgram } from './server-version.ts';

const NAMES = ['redis-server', 'valkey-server'];

export interface FindResult {
  found?: RedisServerProgram;
  /** Why programs that were there could not be used, a sentence each. */
  rejected: string[];
}

const isExecutable = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/**
 * Looks for `redis-server`, then `valkey-server`, in the folders of PATH, and takes the first that runs and is
 * new enough. REDIS_SERVER_PATH names one instead; that one then has to work: rejects with a sentence if not.
 */
export async function findRedisServer(env: NodeJS.ProcessEnv = process.env): Promise<FindResult> {
  const named = env['REDIS_SERVER_PATH'];
  if (named) {
    try {
      return { found: await checkRedisServer(named), rejected: [] };
    } catch (cause) {
      throw new Error(`REDIS_SERVER_PATH does not help: ${(cause as Error).message}`, { cause });
    }
  }
  const rejected: string[] = [];
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (!(await isExecutable(path))) continue;
      try {
        return { found: await checkRedisServer(path), rejected };
      } catch (error) {
        rejected.push((error as Error).message);
      }
    }
  }
  return { rejected };
}
