import { randomBytes } from 'node:crypto';
import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { startRedisContainer } from './redis-container.ts';
import { removeKeys } from './remove-keys.ts';

export interface TestRedisOptions {
  /** Every write is on disk before it is answered, for tests that kill Redis. Default false (quicker). */
  durable?: boolean;
  /** A server of the test's own, even where TEST_REDIS_URL names a shared one: to kill it, or to own its settings. */
  ownServer?: boolean;
  /** More of Redis's own arguments; implies `ownServer`. */
  extraArgs?: string[];
}

export interface TestRedis {
  url: string;
  /** New with each call. On a shared server all keys of a test must begin with it. */
  prefix: string;
  source: 'TEST_REDIS_URL' | 'private' | 'container';
  /** Ends the server, or removes the keys that contain the prefix from the shared one. */
  stop(): Promise<void>;
  /** Ends or halts the server (SIGKILL unless given). Rejects when it is not private. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port with the same data. Rejects when it is not private. */
  restart(): Promise<void>;
}

function refuse(source: string) {
  return async () => {
    throw new Error(
      `This Redis (${source}) cannot be killed or restarted: ask for one with { ownServer: true }.`,
    );
  };
}

/**
 * A real Redis for tests: TEST_REDIS_URL, else a private redis-server on a free port, else a container where an
 * engine answers. Rejects with one sentence that says what to install.
 */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const { durable = false, extraArgs = [], ownServer = extraArgs.length > 0 } = options;
  const prefix = `test-${randomBytes(6).toString('hex')}`;

  const shared = process.env['TEST_REDIS_URL'];
  if (shared && !ownServer) {
    const no = refuse('TEST_REDIS_URL');
    const stop = () => removeKeys(shared, prefix);
    return { url: shared, prefix, source: 'TEST_REDIS_URL', stop, kill: no, restart: no };
  }

  const missing = process.env['REDIS_SERVER_MISSING'];
  if (!missing) {
    const redis = await startPrivateRedis({ appendOnly: durable, extraArgs });
    return {
      url: redis.url,
      prefix,
      source: 'private',
      stop: () => redis.stop(),
      kill: (signal) => redis.kill(signal),
      restart: () => redis.restart(),
    };
  }

  const no = refuse('in a container');
  try {
    const container = await startRedisContainer({ durable, extraArgs });
    return { ...container, prefix, source: 'container', kill: no, restart: no };
  } catch (cause) {
    throw new Error(`${missing} A container is no way either: ${(cause as Error).message}`, { cause });
  }
}
