import type { Logger } from 'pino';
import { SHUTDOWN_DEADLINE_MS } from './tunables.ts';

export interface ShutdownPhase {
  name: string;
  run(): void | Promise<void>;
}

export interface Shutdown {
  /** Phases run in the order in which they were added, one after the other. */
  add(name: string, run: () => void | Promise<void>): void;
  /** Runs the phases once; later calls wait for the same run. */
  run(reason: string): Promise<void>;
  readonly stopping: boolean;
}

/**
 * Ends a process in named phases: SIGTERM, SIGINT, or the parent that started us with an IPC channel being gone. A
 * second signal ends it at once, as does the deadline.
 */
export function createShutdown(
  log: Logger,
  options: { deadlineMs?: number; exit?: (code: number) => void; signals?: boolean } = {},
): Shutdown {
  const exit = options.exit ?? ((code: number) => process.exit(code));
  const phases: ShutdownPhase[] = [];
  let running: Promise<void> | undefined;

  async function runPhases(reason: string): Promise<void> {
    log.info({ event: 'process.stopping', reason }, `Stopping: ${reason}`);
    const deadline = setTimeout(() => {
      log.error({ event: 'process.stop_deadline' }, 'Stopping took too long; ending now');
      exit(1);
    }, options.deadlineMs ?? SHUTDOWN_DEADLINE_MS);
    deadline.unref();
    let failed = false;
    for (const phase of phases) {
      try {
        await phase.run();
      } catch (error) {
        failed = true;
        log.error({ err: error, phase: phase.name }, `Stopping: the phase "${phase.name}" failed`);
      }
    }
    clearTimeout(deadline);
    log.info({ event: 'process.stopped' }, 'Stopped');
    exit(failed ? 1 : 0);
  }

  const shutdown: Shutdown = {
    add: (name, run) => phases.push({ name, run }),
    run: (reason) => {
      running ??= runPhases(reason);
      return running;
    },
    get stopping() {
      return running !== undefined;
    },
  };

  if (options.signals !== false) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (shutdown.stopping) exit(130);
        void shutdown.run(signal);
      });
    }
    const orphaned = () => void shutdown.run('the parent process is gone');
    if (process.connected) process.once('disconnect', orphaned);
    // It went before we came to listen for it. (Undefined: there never was such a parent.)
    else if (process.connected === false) setImmediate(orphaned);
  }
  return shutdown;
}
