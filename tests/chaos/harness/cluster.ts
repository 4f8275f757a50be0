import { randomBytes } from 'node:crypto';
import { repositoryEntries } from '@claude-flow/local-stack/entries';
import { type ManagedProcess, startProcess } from '@claude-flow/local-stack/processes/managed-process';
import { type PrivateRedis, startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { stackEnv } from '@claude-flow/local-stack/stack-env';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import type { History, ProcessKind } from '../history.ts';
import { OWNERS_ENV } from './owners.ts';
import { createSlot, type Slot } from './slot.ts';
import { GRACEFUL_EXIT_MS } from './tunables.ts';

/** What several clusters may share: a Redis and the offline model. */
export interface Ground {
  redis: PrivateRedis;
  mock: ManagedProcess;
  stop(): Promise<void>;
}

/** An offline model. What it does wrong and what it counts concerns all that call it: who tells it to, needs one of their own. */
export async function startModel(options: { latencyMs: number; seed: number }): Promise<ManagedProcess> {
  const model = { kind: 'mock', latencyMs: options.latencyMs, seed: options.seed } as const;
  const child = startProcess({
    name: 'mock-anthropic',
    entry: repositoryEntries.mock,
    env: stackEnv({ kind: 'mock', redisUrl: '', model }),
  });
  await child.ready;
  return child;
}

/** @param options.dataDir where Redis keeps its data; else in a folder for temporary files */
export async function startGround(options: {
  latencyMs: number;
  seed: number;
  dataDir?: string;
}): Promise<Ground> {
  const { dataDir } = options;
  const [redis, mock] = await Promise.all([
    startPrivateRedis(dataDir === undefined ? {} : { dataDir }),
    startModel(options),
  ]);
  return {
    redis,
    mock,
    async stop() {
      await mock.stop();
      await redis.stop();
    },
  };
}

/** The system in separate processes, each behind a proxy of its own; with its own prefix in Redis. */
export interface Cluster {
  readonly ground: Ground;
  readonly history: History;
  readonly prefix: string;
  /** Marks all its processes, and what they start, in their environment. */
  readonly mark: string;
  /** Folders in which workers make their workspaces. */
  readonly workspaceRoots: readonly string[];
  readonly slots: readonly Slot[];
  of(kind: ProcessKind): Slot[];
  /** Starts one more process. */
  add(kind: ProcessKind): Promise<Slot>;
  /** Every process that runs gets SIGTERM. */
  stopProcesses(): Promise<void>;
  /** Whatever still runs is killed, and folders are removed. */
  remove(): Promise<void>;
}

export interface ClusterOptions {
  ground: Ground;
  history: History;
  /** Default 1 of each. */
  count?: Partial<Record<ProcessKind, number>>;
  /** Arguments of Node for a kind of process: how bugs are planted. */
  nodeArgs?: Partial<Record<ProcessKind, string[]>>;
  /** More of them, for each life of a process: how its version changes with a restart. */
  version?: (life: number) => string[];
  /** How far the clocks are wrong, by the name of the process, milliseconds. */
  skews?: Record<string, number>;
  /** Folders for the workspaces of single workers, by name; the others share one. */
  workspaceRoots?: Record<string, string>;
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { ground } = options;
  const mark = `chaos-${randomBytes(6).toString('hex')}`;
  const history = options.history.of(mark);
  const [folder, faults] = await Promise.all([createTempFolder(mark), createTempFolder(`${mark}-faults`)]);
  const slots: Slot[] = [];
  const names: Record<ProcessKind, number> = { api: 0, scheduler: 0, worker: 0 };

  const add = async (kind: ProcessKind): Promise<Slot> => {
    names[kind] += 1;
    const name = `${kind}-${names[kind]}`;
    const slot = await createSlot(
      {
        history,
        redisPort: ground.redis.port,
        mockUrl: ground.mock.url,
        nodeArgs: (life) => [...(options.nodeArgs?.[kind] ?? []), ...(options.version?.(life) ?? [])],
        folder: faults.path,
        skewMs: options.skews?.[name],
        env: {
          ...OWNERS_ENV,
          REDIS_PREFIX: mark,
          WORKSPACE_ROOT: options.workspaceRoots?.[name] ?? folder.path,
          CHAOS_MARK: mark,
        },
      },
      kind,
      name,
    );
    slots.push(slot);
    return slot;
  };

  const cluster: Cluster = {
    ground,
    history,
    prefix: mark,
    mark,
    workspaceRoots: [folder.path, ...Object.values(options.workspaceRoots ?? {})],
    slots,
    of: (kind) => slots.filter((slot) => slot.kind === kind),
    add,
    async stopProcesses() {
      await Promise.all(slots.map((slot) => slot.stop(GRACEFUL_EXIT_MS)));
    },
    async remove() {
      for (const slot of slots) slot.process.kill('SIGKILL');
      await Promise.all(slots.map((slot) => slot.process.exited));
      await Promise.all(slots.map((slot) => slot.close()));
      await Promise.all([folder.remove(), faults.remove()]);
    },
  };
  const kinds: ProcessKind[] = ['api', 'scheduler', 'worker'];
  const wanted = kinds.flatMap((kind) => Array.from({ length: options.count?.[kind] ?? 1 }, () => kind));
  try {
    await Promise.all(wanted.map(add));
  } catch (error) {
    await cluster.remove();
    throw error;
  }
  return cluster;
}
