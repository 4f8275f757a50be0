import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { minimalEnv } from '../processes/minimal-env.ts';
import { REDIS_VERSION_MS } from '../tunables.ts';

/** BullMQ's own lower bound for full function; below it some of its commands are missing. */
export const LOWEST_REDIS = { major: 6, minor: 2 };

export interface RedisServerProgram {
  /** What to run, with Redis's own arguments. */
  path: string;
  /** e.g. `7.0.15` */
  version: string;
}

/** The version in the answer to `--version` of redis-server or valkey-server; undefined when it is neither. */
export function readVersion(answer: string): string | undefined {
  return /^(?:Redis|Valkey) server v=(\d+\.\d+\.\d+)/im.exec(answer)?.[1];
}

/** Whether a version such as `7.0.15` is new enough for the queue. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LOWEST_REDIS.major || (major === LOWEST_REDIS.major && minor >= LOWEST_REDIS.minor);
}

/** Runs `<path> --version`. Rejects with a sentence when it does not run, is no Redis, or is too old. */
export async function checkRedisServer(path: string): Promise<RedisServerProgram> {
  let answer: string;
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], {
      timeout: REDIS_VERSION_MS,
      env: minimalEnv(),
    });
    answer = stdout;
  } catch (cause) {
    const reason = (cause as { stderr?: string }).stderr?.trim() || (cause as Error).message;
    throw new Error(`${path} cannot be run: ${reason}`, { cause });
  }
  const version = readVersion(answer);
  if (version === undefined) {
    throw new Error(
      `${path} is neither redis-server nor valkey-server (its --version says "${answer.trim()}").`,
    );
  }
  if (!isNewEnough(version)) {
    const { major, minor } = LOWEST_REDIS;
    throw new Error(`${path} is version ${version}, but ${major}.${minor} or newer is needed.`);
  }
  return { path, version };
}
