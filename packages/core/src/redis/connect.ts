import { Redis, type RedisOptions } from 'ioredis';
import { ClaudeFlowError, errorMessage } from '../domain/errors.ts';
import { REDIS_BOOT_DEADLINE_MS } from '../runtime/tunables.ts';

/**
 * `patient`: commands wait until Redis is back (workers, schedulers, subscriptions). `prompt`: a command fails at once
 * when Redis is away, or after `commandTimeoutMs` (the API, which answers 503).
 */
export interface ConnectOptions {
  url: string;
  /** Shown in CLIENT LIST. */
  name: string;
  mode: 'patient' | 'prompt';
  commandTimeoutMs?: number;
  onError?: (error: Error) => void;
}

/** A replica that was master, a server still loading, a blocked client set free: all mean "connect again". */
const RECONNECT_ON = ['READONLY', 'LOADING', 'UNBLOCKED'];

type ModeOptions = Pick<
  RedisOptions,
  'maxRetriesPerRequest' | 'enableOfflineQueue' | 'autoResendUnfulfilledCommands' | 'commandTimeout'
>;

function modeOptions(options: ConnectOptions): ModeOptions {
  if (options.mode === 'patient') return { maxRetriesPerRequest: null };
  const prompt: ModeOptions = {
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
  };
  return options.commandTimeoutMs === undefined
    ? prompt
    : { ...prompt, commandTimeout: options.commandTimeoutMs };
}

/** A client that keeps reconnecting for as long as the process lives. */
export function createRedis(options: ConnectOptions): Redis {
  const redis = new Redis(options.url, {
    connectionName: options.name,
    lazyConnect: true,
    connectTimeout: 2_000,
    keepAlive: 5_000,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 1_000),
    reconnectOnError: (error: Error) =>
      RECONNECT_ON.some((word) => error.message.startsWith(word)) ? 2 : false,
    ...modeOptions(options),
  });
  // Without a listener ioredis prints to stderr itself; the state is visible in readiness and in failing commands.
  redis.on('error', (error: Error) => options.onError?.(error));
  return redis;
}

/**
 * Connects at boot and proves it with a ping.
 * @throws ClaudeFlowError `redis_unavailable`, one sentence with the address and what to do
 */
export async function connectRedis(options: ConnectOptions): Promise<Redis> {
  const redis = createRedis(options);
  let last: unknown;
  redis.on('error', (error) => {
    last = error;
  });
  const deadline = Date.now() + REDIS_BOOT_DEADLINE_MS;
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      // The first attempt decides: a Redis that is not there at boot is a fault of the setup, said at once.
      redis.connect().then(() => redis.ping()),
      new Promise((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error('no answer')), deadline - Date.now());
      }),
    ]);
    return redis;
  } catch (error) {
    redis.disconnect();
    const why = errorMessage(last ?? error);
    throw new ClaudeFlowError(
      'redis_unavailable',
      `Redis cannot be reached at ${redisAddress(options.url)} (${why}). Start Redis there, or set REDIS_URL.`,
      { cause: error, retryable: true },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** The URL without its user and password, for people. */
export function redisAddress(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.toString();
}

const AWAY =
  /Stream isn't writeable|Connection is closed|ECONNREFUSED|ECONNRESET|ETIMEDOUT|Command timed out|LOADING|READONLY|MASTERDOWN|MaxRetriesPerRequest|max retries per request|EPIPE|ENOTFOUND|MISCONF|OOM command/i;

/** Is this error the sort that passes when Redis is back? */
export function isRedisAway(error: unknown): boolean {
  return error instanceof Error && (error.name === 'MaxRetriesPerRequestError' || AWAY.test(error.message));
}
