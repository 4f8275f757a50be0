import { setTimeout as delay } from 'node:timers/promises';
import { repositoryEntries } from '@claude-flow/local-stack/entries';
import { freePort } from '@claude-flow/local-stack/processes/free-port';
import { type ManagedProcess, startProcess } from '@claude-flow/local-stack/processes/managed-process';
import { stackEnv } from '@claude-flow/local-stack/stack-env';
import { type RedisProxy, startRedisProxy } from '@claude-flow/testing/redis-proxy';
import type { History, ProcessKind } from '../history.ts';
import { createInside } from './inside.ts';
import { RETRY_EVERY_MS, STARTS_AGAIN_MS } from './tunables.ts';

export interface SlotDeps {
  history: History;
  redisPort: number;
  mockUrl: string;
  /** For every process. */
  env: Record<string, string>;
  /** Given to Node for each life of the process, counted from 1: how its files are changed as it loads them. */
  nodeArgs: (life: number) => string[];
  /** For what faults from inside need. */
  folder: string;
  /** How far its clock is ahead, or behind; default 0. */
  skewMs?: number | undefined;
}

/** A place for one process, with its own way to Redis: what is killed in it is started in it again. */
export interface Slot {
  readonly kind: ProcessKind;
  readonly name: string;
  readonly proxy: RedisProxy;
  readonly history: History;
  /** The process that runs in it, or ran last. */
  readonly process: ManagedProcess;
  /** Of the present life, as its events name it. */
  readonly workerId: string;
  /** Same over all lives; an API's only. */
  readonly url: string;
  readonly pids: readonly number[];
  /** Sends the signal by process id. For SIGKILL resolves when the process is gone. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Its event loop stands still for so long. */
  block(ms: number): Promise<void>;
  /** It uses memory until it dies of it. Resolves when it is gone. */
  fillHeap(): Promise<void>;
  /** Starts a new process once the old one is gone, and resolves when it is ready. */
  restart(): Promise<void>;
  /** SIGTERM (after SIGCONT), and a way to Redis that works; resolves with how it ended. */
  stop(graceMs: number): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  close(): Promise<void>;
}

export async function createSlot(deps: SlotDeps, kind: ProcessKind, name: string): Promise<Slot> {
  const { history, skewMs = 0 } = deps;
  const inside = createInside(deps.folder, name, skewMs);
  const pids: number[] = [];
  let lives = 0;
  let current: ManagedProcess;
  let workerId = '';
  const kill = () => {
    if (current.pid !== undefined && current.running) process.kill(current.pid, 'SIGKILL');
  };
  const proxy = await startRedisProxy({ targetPort: deps.redisPort, kill });
  // An API keeps its port, so that clients find it again.
  const port = kind === 'api' ? await freePort() : 0;

  const launch = (): ManagedProcess => {
    lives += 1;
    workerId = `${name}-life-${lives}`;
    const child = startProcess({
      name,
      entry: repositoryEntries[kind],
      nodeArgs: [...inside.nodeArgs, ...deps.nodeArgs(lives)],
      env: stackEnv({
        kind,
        redisUrl: proxy.url,
        model: { kind: 'mock' },
        mockUrl: deps.mockUrl,
        env: { ...deps.env, ...inside.env },
        own: { PORT: String(port), ...(kind === 'worker' ? { WORKER_ID: workerId } : {}) },
      }),
    });
    if (child.pid !== undefined) pids.push(child.pid);
    const life = kind === 'worker' ? { workerId } : {};
    history.add({ kind: 'action', action: 'start', target: name, ...life, detail: `pid ${child.pid}` });
    void child.exited.then(({ code, signal }) =>
      history.add({ kind: 'action', action: 'exit', target: name, ...life, detail: `${signal ?? code}` }),
    );
    return child;
  };
  current = launch();
  if (skewMs !== 0)
    history.add({ kind: 'action', action: 'clock-skew', target: name, detail: `${skewMs} ms` });
  await current.ready;

  return {
    kind,
    name,
    proxy,
    history,
    get process() {
      return current;
    },
    get workerId() {
      return workerId;
    },
    url: `http://127.0.0.1:${port}`,
    pids,
    async signal(signal) {
      const { pid } = current;
      if (pid === undefined || !current.running) return;
      const life = kind === 'worker' ? { workerId } : {};
      history.add({ kind: 'action', action: signal, target: name, ...life });
      process.kill(pid, signal);
      if (signal === 'SIGKILL') await current.exited;
    },
    async block(ms) {
      const { pid } = current;
      if (pid === undefined || !current.running) return;
      const life = kind === 'worker' ? { workerId } : {};
      history.add({ kind: 'action', action: 'block', target: name, ...life, detail: `${ms} ms` });
      await inside.block(pid, ms);
    },
    async fillHeap() {
      const { pid } = current;
      if (pid === undefined || !current.running) return;
      const life = kind === 'worker' ? { workerId } : {};
      await inside.fillHeap(pid);
      await current.exited;
      // It takes a while to fill: the fault is its end.
      history.add({ kind: 'action', action: 'out-of-memory', target: name, ...life });
    },
    async restart() {
      await current.exited;
      // As a supervisor does: while an API is down its port may be somebody else's for a moment, and on a machine that is
      // far too busy Redis may not answer in time for a start.
      const until = Date.now() + STARTS_AGAIN_MS;
      for (;;) {
        current = launch();
        try {
          await current.ready;
          return;
        } catch (error) {
          if (!/EADDRINUSE|Redis cannot be reached/.test(String(error)) || Date.now() > until) throw error;
          await delay(RETRY_EVERY_MS);
        }
      }
    },
    async stop(graceMs) {
      proxy.disarm();
      proxy.withholdReplies(false);
      proxy.mode('pass');
      current.kill('SIGCONT');
      return current.stop(graceMs);
    },
    close: () => proxy.close(),
  };
}
