import { type Entries, type ProcessKind, repositoryEntries } from './entries.ts';
import { freePort } from './processes/free-port.ts';
import { type ManagedProcess, type ProcessLine, startProcess } from './processes/managed-process.ts';
import { type PrivateRedis, startPrivateRedis } from './redis-server/private-redis.ts';
import { type StackModel, stackEnv } from './stack-env.ts';

export interface StackOptions {
  /** Default 1. */
  apis?: number;
  /** Default 1. */
  schedulers?: number;
  /** Default 2. */
  workers?: number;
  /** Without it: a private Redis that ends with the stack. */
  redisUrl?: string;
  /** Default: the mock. */
  model?: StackModel;
  /** Variables for every process, e.g. REDIS_PREFIX; they win over the stack's own. */
  env?: Record<string, string>;
  /** Variables for one kind of process; they win over `env`. */
  envFor?: Partial<Record<ProcessKind, Record<string, string>>>;
  /** Every line that a process prints. */
  onLine?: (line: ProcessLine) => void;
  /** Told, in sentences for a person, what happens when starting takes longer. */
  onProgress?: (text: string) => void;
  /** Restart processes when their source changes. Ports then stay the same over restarts. */
  watch?: boolean;
  /** Other programs than this repository's. */
  entries?: Partial<Entries>;
  readyDeadlineMs?: number;
}

export interface Stack {
  /** The private Redis; undefined when `redisUrl` was given. */
  readonly redis: PrivateRedis | undefined;
  readonly redisUrl: string;
  readonly mock: ManagedProcess | undefined;
  readonly mockUrl: string | undefined;
  /** All that were ever started, ended ones included; so for the others. */
  readonly apis: ManagedProcess[];
  readonly schedulers: ManagedProcess[];
  readonly workers: ManagedProcess[];
  /** Of the APIs that run. */
  readonly apiUrls: string[];
  /** Starts one more and resolves when it is ready; `env` is for this one only. */
  startApi(env?: Record<string, string>): Promise<ManagedProcess>;
  startScheduler(env?: Record<string, string>): Promise<ManagedProcess>;
  startWorker(env?: Record<string, string>): Promise<ManagedProcess>;
  /** Ends everything: APIs, schedulers, workers, the mock, Redis. May be called more than once. */
  stop(): Promise<void>;
}

const LISTENS: ProcessKind[] = ['api', 'mock'];
const STOP_ORDER: ProcessKind[] = ['api', 'scheduler', 'worker', 'mock'];

/**
 * Starts the whole system as separate processes on free loopback ports and resolves when all are ready. When one
 * does not start, the others are stopped and the error says what that one said.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { apis = 1, schedulers = 1, workers = 2, model = { kind: 'mock' }, watch = false } = options;
  const entries = { ...repositoryEntries, ...options.entries };
  const started: Record<ProcessKind, ManagedProcess[]> = { api: [], scheduler: [], worker: [], mock: [] };
  let startingRedis: Promise<PrivateRedis> | undefined;
  let redisUrl = options.redisUrl ?? '';
  let stopping: Promise<void> | undefined;

  const start = async (kind: ProcessKind, env: Record<string, string> = {}): Promise<ManagedProcess> => {
    const portName = kind === 'mock' ? 'MOCK_PORT' : 'PORT';
    const fixedPort = watch && LISTENS.includes(kind) ? { [portName]: String(await freePort()) } : {};
    const mockUrl = started.mock[0]?.url;
    if (stopping !== undefined) throw new Error(`No ${kind} can be started: the stack is being stopped.`);
    const name = kind === 'mock' ? 'mock-anthropic' : `${kind}-${started[kind].length + 1}`;
    const child = startProcess({
      name,
      entry: entries[kind],
      watch,
      env: stackEnv({
        kind,
        redisUrl,
        model,
        ...(kind === 'mock' || mockUrl === undefined ? {} : { mockUrl }),
        env: { ...options.env },
        own: {
          ...fixedPort,
          ...(kind === 'worker' ? { WORKER_ID: name } : {}),
          ...options.envFor?.[kind],
          ...env,
        },
      }),
      ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
      ...(options.readyDeadlineMs === undefined ? {} : { readyDeadlineMs: options.readyDeadlineMs }),
    });
    started[kind].push(child);
    await child.ready;
    return child;
  };

  const stop = async () => {
    for (const kind of STOP_ORDER) await Promise.all(started[kind].map((child) => child.stop()));
    // It may still be starting when another process has failed.
    const redis = await startingRedis?.catch(() => undefined);
    await redis?.stop();
  };
  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };

  const times = (count: number, kind: ProcessKind) => Array.from({ length: count }, () => start(kind));
  let redis: PrivateRedis | undefined;
  try {
    if (options.redisUrl === undefined) {
      startingRedis = startPrivateRedis(
        options.onProgress === undefined ? {} : { onProgress: options.onProgress },
      );
    }
    [redis] = await Promise.all([startingRedis, model.kind === 'mock' ? start('mock') : undefined]);
    redisUrl = redis?.url ?? redisUrl;
    await Promise.all([
      ...times(apis, 'api'),
      ...times(schedulers, 'scheduler'),
      ...times(workers, 'worker'),
    ]);
  } catch (error) {
    await stopOnce();
    throw error;
  }

  return {
    redis,
    redisUrl,
    mock: started.mock[0],
    get mockUrl() {
      return started.mock[0]?.url;
    },
    apis: started.api,
    schedulers: started.scheduler,
    workers: started.worker,
    get apiUrls() {
      return started.api.filter((api) => api.running).map((api) => api.url);
    },
    startApi: (env) => start('api', env),
    startScheduler: (env) => start('scheduler', env),
    startWorker: (env) => start('worker', env),
    stop: stopOnce,
  };
}
