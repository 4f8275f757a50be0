import { Cluster, type Command, Redis, type RedisOptions } from 'ioredis';
import { ClaudeFlowError, errorMessage } from '../domain/errors.ts';
import { scrub } from '../runtime/error-record.ts';
import { type RedisTlsFiles, readTlsFiles } from '../runtime/redis-tls.ts';
import { readRedisUrl, redisAddress } from '../runtime/redis-url.ts';
import { REDIS_BOOT_DEADLINE_MS, REDIS_RECONNECT_AT_MOST_MS } from '../runtime/tunables.ts';
import { waitOnlyOnce } from './one-wait.ts';

/** One Redis, or a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/**
 * `patient`: commands wait until Redis is back (workers, schedulers, subscriptions). `prompt`: a command waits for one try to
 * connect again, since servers and proxies close idle connections; when that fails Redis is away, and commands fail at once.
 * None takes longer than `commandTimeoutMs`, and after one that did others fail at once, until Redis answers again (the API, which
 * answers 503).
 */
export interface ConnectOptions {
  /** `redis://`, `rediss://`; `redis+cluster://host:port,host:port` or `rediss+cluster://` for a Redis Cluster. */
  url: string;
  /** Of `rediss`: who signs the server's certificate, and our own certificate. */
  tls?: RedisTlsFiles | undefined;
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
  'maxRetriesPerRequest' | 'enableOfflineQueue' | 'autoResendUnfulfilledCommands'
>;

function modeOptions(options: ConnectOptions): ModeOptions {
  if (options.mode === 'patient') return { maxRetriesPerRequest: null };
  // What was under way or came since is sent again after the first try to connect, and fails when that failed.
  return { maxRetriesPerRequest: 1 };
}

const FIRST_REST_MS = 50;

/** Twice as long each time, up to a limit; a part of it by chance, so that not all come at the same moment. */
export function restBeforeRetry(times: number, random = Math.random()): number {
  const most = Math.min(FIRST_REST_MS * 2 ** Math.min(times, 10), REDIS_RECONNECT_AT_MOST_MS);
  return Math.round(most * (0.5 + random / 2));
}

/** Sends nothing whose caller was told that it failed: ioredis sends all that waited when it is connected again. */
class OwnRedis extends Redis {
  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    if (Reflect.get(command, 'isSettled') === true) return command.promise;
    return super.sendCommand(command, stream);
  }
}

/** After a try to connect that failed, commands do not wait for the next one. */
function failWhileAway(redis: Redis): void {
  let failures = 0;
  redis.on('ready', () => {
    failures = 0;
    redis.options.enableOfflineQueue = true;
  });
  redis.on('close', () => {
    failures += 1;
    if (failures > 1) redis.options.enableOfflineQueue = false;
  });
}

/**
 * A client that keeps reconnecting for as long as the process lives.
 * @throws ClaudeFlowError `config_invalid` for a URL that cannot be read, which `loadConfig` has refused before
 */
export function createRedis(options: ConnectOptions): RedisClient {
  const reading = readRedisUrl(options.url);
  if ('fault' in reading) throw new ClaudeFlowError('config_invalid', `REDIS_URL ${reading.fault}`);
  const { nodes, cluster, tls, db, username, password, family } = reading.target;
  const common = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(family === undefined ? {} : { family }),
    ...(tls ? { tls: readTlsFiles(options.tls) } : {}),
    connectionName: options.name,
    connectTimeout: 2_000,
    keepAlive: 5_000,
    reconnectOnError: (error: Error) =>
      RECONNECT_ON.some((word) => error.message.startsWith(word)) ? 2 : false,
    ...modeOptions(options),
  };
  let redis: RedisClient;
  if (cluster) {
    redis = new Cluster(nodes, {
      lazyConnect: true,
      clusterRetryStrategy: (times) => restBeforeRetry(times),
      enableOfflineQueue: options.mode === 'patient',
      // Of what a node's connection sends for itself; callers' commands have their own deadline, see below.
      redisOptions: {
        ...common,
        ...(options.commandTimeoutMs === undefined ? {} : { commandTimeout: 2 * options.commandTimeoutMs }),
      },
    });
  } else {
    redis = new OwnRedis({
      ...common,
      ...nodes[0],
      db,
      lazyConnect: true,
      retryStrategy: (times) => restBeforeRetry(times),
    });
    if (options.mode === 'prompt') failWhileAway(redis);
  }
  if (options.commandTimeoutMs !== undefined) waitOnlyOnce(redis, options.commandTimeoutMs);
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
    const why = unreachable(options.url, last ?? error);
    throw new ClaudeFlowError('redis_unavailable', why, { cause: error, retryable: true });
  } finally {
    clearTimeout(timer);
  }
}

export interface FoundRedis {
  redis: RedisClient;
  /** For all further connections. */
  url: string;
  /** Says what is better written otherwise. */
  note?: string;
}

/**
 * The first connection of a process. A node of a Redis Cluster that is named like a single server would refuse most keys:
 * the cluster is then used as one.
 * @throws ClaudeFlowError `redis_unavailable`, `config_invalid`
 */
export async function findRedis(options: ConnectOptions): Promise<FoundRedis> {
  const redis = await connectRedis(options);
  if (redis instanceof Cluster || !(await hasFellows(redis))) return { redis, url: options.url };
  redis.disconnect();
  const url = options.url.trim().replace(/^(rediss?):/i, '$1+cluster:');
  const address = redisAddress(url);
  const note = `REDIS_URL names a node of a Redis Cluster like a single server; the cluster is used as one. Write ${address}.`;
  return { redis: await connectRedis({ ...options, url }), url, note };
}

/** A cluster's only node is used like a server without a cluster. */
async function hasFellows(redis: Redis): Promise<boolean> {
  try {
    if (!/^cluster_enabled:1/m.test(await redis.info('cluster'))) return false;
    const nodes = /^cluster_known_nodes:(\d+)/m.exec(String(await redis.call('CLUSTER', 'INFO')))?.[1];
    return Number(nodes) > 1;
  } catch {
    // What keeps it from saying so is found out right afterwards.
    return false;
  }
}

/** Why there is no connection, and what to do. */
function unreachable(url: string, error: unknown): string {
  const at = `at ${redisAddress(url)}`;
  const why = scrub(rootMessage(error));
  if (/^(WRONGPASS|NOAUTH)|invalid (username-)?password|without any password/i.test(why)) {
    return `Redis ${at} does not accept the login (${why}). Check the user and password of REDIS_URL; special characters in them must be percent-encoded (encodeURIComponent).`;
  }
  if (/certificate|self.signed|altnames|SSL|TLS/i.test(why)) {
    return `No encrypted connection to Redis ${at} (${why}). Set REDIS_TLS_CA_FILE to the CA that signs its certificate, and REDIS_TLS_CERT_FILE and REDIS_TLS_KEY_FILE when it asks for one; redis:// is for servers without TLS, rediss:// for those with it.`;
  }
  return `Redis cannot be reached ${at} (${why}). Start Redis there, or set REDIS_URL.`;
}

/** A cluster's client wraps what its last node said. */
function rootMessage(error: unknown): string {
  const node = error instanceof Error ? Reflect.get(error, 'lastNodeError') : undefined;
  return node instanceof Error ? `${errorMessage(error)} ${node.message}` : errorMessage(error);
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
      // A refusal is an answer; which rights are lacking is found out next.
      if (/^NOPERM/.test(errorMessage(error))) return;
      if (!isSlow(error)) throw error;
    }
  }
}

/** Asks one Redis, or every master of a cluster. */
export function eachServer<Answer>(
  redis: RedisClient,
  ask: (server: Redis) => Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all((redis instanceof Cluster ? redis.nodes('master') : [redis]).map(ask));
}

const AWAY =
  /\bNOPERM\b|ACL failure in script|user executing the script can't|Command aborted|CLUSTERDOWN|ClusterAllFailedError|Failed to refresh slots cache|None of startup nodes is available|TRYAGAIN|Stream isn't writeable|Connection is closed|ECONNREFUSED|ECONNRESET|ETIMEDOUT|Command timed out|LOADING|READONLY|MASTERDOWN|MaxRetriesPerRequest|max retries per request|EPIPE|ENOTFOUND|MISCONF|\bOOM (command|allow-oom)|NOREPLICAS|\bBUSY Redis/i;

/** Is this error the sort that passes when Redis is back? */
export function isRedisAway(error: unknown): boolean {
  return error instanceof Error && (error.name === 'MaxRetriesPerRequestError' || AWAY.test(error.message));
}
