import { type ChildProcess, spawn } from 'node:child_process';
import { minimalEnv } from './minimal-env.ts';
import { spawnWithLifeline } from './spawn-with-lifeline.ts';

export interface LaunchOptions {
  /** Path of the .ts file to run. */
  entry: string;
  /** Added to the minimal environment (see `minimalEnv`); nothing else of this process's environment is passed on. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  nodeArgs?: string[];
  /** Restart it when one of its source files changes (`node --watch`). */
  watch?: boolean;
}

/** Starts this very Node with the entry, so that it ends with this process. Call `letGo` when it has ended. */
export function launchNode(options: LaunchOptions): { child: ChildProcess; letGo(): void } {
  const env = minimalEnv(options.env);
  const nodeArgs = options.nodeArgs ?? [];
  const where = options.cwd === undefined ? {} : { cwd: options.cwd };
  if (options.watch) {
    // A watching Node does not notice the end of its parent, so it gets a lifeline; what it runs notices by IPC.
    const args = ['--watch', '--watch-preserve-output', ...nodeArgs, options.entry];
    return spawnWithLifeline({ command: process.execPath, args, env, ...where });
  }
  const child = spawn(process.execPath, [...nodeArgs, options.entry], {
    env,
    ...where,
    // Our processes shut down when the IPC channel closes: they do not outlive a killed parent.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C in the terminal reaches only the parent, which then stops the processes in order.
    detached: true,
  });
  return { child, letGo: () => {} };
}
