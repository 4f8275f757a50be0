import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { ClaudeFlowError, errorMessage } from '../domain/errors.ts';
import { REDIS_BOOT_DEADLINE_MS, REDIS_RECONNECT_AT_MOST_MS } from '../runtime/tunables.ts';

/** One Redis, or a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/**
 * `patient`: commands wait until Redis is back (workers, schedulers, subscriptions). `prompt`: a command fails at once
 * when Redis is away, or after `commandTimeoutMs` (the API, which answers 503).
 */
export interface ConnectOptions {
  /** `redis://`, `rediss://`; `redis+cluster://host:port,host:port` or `rediss+cluster://` for a Redis Cluster. */
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

const FIRST_REST_MS = 50;

/** Twice as long each time, up to a limit; a part of it by chance, so that not all come at the same moment. */
export function restBeforeRetry(times: number, random = Math.random()): number {
  const most = Math.min(FIRST_REST_MS * 2 ** Math.min(times, 10), REDIS_RECONNECT_AT_MOST_MS);
  return Math.round(most * (0.5 + random / 2));
}

/** A client that keeps reconnecting for as long as the process lives. */
export function createRedis(options: ConnectOptions): RedisClient {
  const common = {
    connectionName: options.name,
    connectTimeout: 2_000,
    keepAlive: 5_000,
    reconnectOnError: (error: Error) =>
      RECONNECT_ON.some((word) => error.message.startsWith(word)) ? 2 : false,
    ...modeOptions(options),
  };
  const cluster = clusterAddress(options.url);
  const redis =
    cluster === undefined
      ? new Redis(options.url, {
          ...common,
          lazyConnect: true,
          retryStrategy: (times) => restBeforeRetry(times),
        })
      : new Cluster(cluster.nodes, {
          lazyConnect: true,
          clusterRetryStrategy: (times) => restBeforeRetry(times),
          enableOfflineQueue: options.mode === 'patient',
          redisOptions: { ...common, ...cluster.access },
        });
  // Without a listener ioredis prints to stderr itself; the state is visible in readiness and in failing commands.
  redis.on('error', (error: Error) => options.onError?.(error));
  return redis;
}

/**
 * Connects at boot and proves it with a ping.
 * @throws ClaudeFlowError `redis_unavailable`, one sentence with the address and what to do
 */
export async function connectRedis(options: ConnectOptions): Promise<RedisClient> {
  const redis = createRedis(options);
  let last: unknown;
  redis.on('error', (error) => {
    last = error;
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      // The first attempt decides: a Redis that is not there at boot is a fault of the setup, said at once.
      firstAnswer(redis, () => last),
      new Promise((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error('no answer')), REDIS_BOOT_DEADLINE_MS);
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

/** Resolves with the first ping's answer; at boot a busy Redis may take longer for it than a command may later on. */
async function firstAnswer(redis: RedisClient, lastError: () => unknown): Promise<void> {
  const isSlow = (error: unknown) => /Command timed out/i.test(errorMessage(error));
  const connected = new Promise((resolve) => redis.once('ready', resolve));
  await redis.connect().catch(async (error: unknown) => {
    // The client goes on connecting by itself.
    if (!isSlow(lastError())) throw error;
    await connected;
  });
  for (;;) {
    try {
      await redis.ping();
      return;
    } catch (error) {
      if (!isSlow(error)) throw error;
    }
  }
}

/** The URL without its user and password, for people. */
export function redisAddress(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

interface ClusterAddress {
  nodes: { host: string; port: number }[];
  access: Pick<RedisOptions, 'username' | 'password' | 'tls'>;
}

/** @returns undefined when the URL is that of one Redis */
export function clusterAddress(url: string): ClusterAddress | undefined {
  const parts = /^(rediss?)\+cluster:\/\/(?:([^@]*)@)?([^/?]+)/.exec(url);
  if (parts === null) return undefined;
  const [, scheme, login = '', hosts = ''] = parts;
  const [user = '', password = ''] = login.split(':').map(decodeURIComponent);
  const nodes = hosts.split(',').map((node) => {
    const [host = '', port = '6379'] = node.split(':');
    return { host, port: Number(port) };
  });
  return {
    nodes,
    access: {
      ...(user === '' ? {} : { username: user }),
      ...(password === '' ? {} : { password }),
      ...(scheme === 'rediss' ? { tls: {} } : {}),
    },
  };
}

/** Asks one Redis, or every master of a cluster. */
export function eachServer<Answer>(
  redis: RedisClient,
  ask: (server: Redis) => Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all((redis instanceof Cluster ? redis.nodes('master') : [redis]).map(ask));
}

const AWAY =
  /Stream isn't writeable|Connection is closed|ECONNREFUSED|ECONNRESET|ETIMEDOUT|Command timed out|LOADING|READONLY|MASTERDOWN|MaxRetriesPerRequest|max retries per request|EPIPE|ENOTFOUND|MISCONF|\bOOM (command|allow-oom)|NOREPLICAS|\bBUSY Redis/i;

/** Is this error the sort that passes when Redis is back? */
export function isRedisAway(error: unknown): boolean {
  return error instanceof Error && (error.name === 'MaxRetriesPerRequestError' || AWAY.test(error.message));
}
