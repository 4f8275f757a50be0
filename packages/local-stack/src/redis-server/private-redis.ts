import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../processes/free-port.ts';
import { type ProvisionOptions, provisionRedisServer } from './provision-redis-server.ts';
import { PortTakenError, type RedisChild, startRedisChild } from './redis-child.ts';

const PORT_TRIES = 5;

export interface PrivateRedisOptions extends ProvisionOptions {
  /** Kept on stop. Without it: a folder for temporary files, removed on stop or when this process ends. */
  dataDir?: string;
  /** Without it: a free one. */
  port?: number;
  /** Every write is on disk before it is answered, so that a killed Redis has lost nothing. Default true. */
  appendOnly?: boolean;
  /** More of Redis's own arguments, e.g. ['--maxmemory', '64mb']. Not a password: its readiness is asked without one. */
  extraArgs?: string[];
}

export interface PrivateRedis {
  readonly url: string;
  readonly port: number;
  /** Of the Redis process itself; another one after `restart`. */
  readonly pid: number;
  readonly dataDir: string;
  /** Whether the Redis process exists (also while it is stopped with SIGSTOP). */
  readonly running: boolean;
  /** Resolves when it has ended; immediately for signals that do not end it (SIGSTOP, SIGCONT). */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again with the same port, data and arguments; ends it first if it runs. */
  restart(): Promise<void>;
  /** Ends it and removes its own data folder. */
  stop(): Promise<void>;
}

/**
 * A Redis of one's own on 127.0.0.1, for this process only: it ends with this process, even when that is killed.
 * It never evicts (`noeviction`) and writes no snapshots. Rejects with a sentence for a person.
 */
export async function startPrivateRedis(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
  const { appendOnly = true, extraArgs = [] } = options;
  const program = await provisionRedisServer(options);
  const ownFolder = options.dataDir === undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'claude-flow-redis-')));
  await mkdir(dataDir, { recursive: true });

  const start = (port: number): Promise<RedisChild> =>
    startRedisChild({ program, port, dataDir, ownFolder, appendOnly, extraArgs });

  const startOnFreePort = async (): Promise<RedisChild> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await start(await freePort());
      } catch (error) {
        if (!(error instanceof PortTakenError) || attempt === PORT_TRIES) throw error;
      }
    }
  };

  const first = options.port === undefined ? startOnFreePort() : start(options.port);
  let child = await first.catch(async (error: unknown) => {
    if (ownFolder) await rm(dataDir, { recursive: true, force: true });
    throw error;
  });
  let stopped = false;
  const { port } = child;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dataDir,
    get pid() {
      return child.pid;
    },
    get running() {
      return child.running;
    },
    kill: (signal = 'SIGKILL') => child.kill(signal),
    async restart() {
      if (stopped) throw new Error('This Redis was stopped and its data removed: start a new one.');
      const before = child;
      await before.end();
      child = await start(port);
      await before.letGo({ keepFolder: true });
    },
    async stop() {
      stopped = true;
      await child.end();
      await child.letGo({ keepFolder: !ownFolder });
    },
  };
}
