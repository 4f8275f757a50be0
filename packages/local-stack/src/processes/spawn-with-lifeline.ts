import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Starts the program in the shell's own place (same process id) and leaves a watcher beside it, which reads file
 * descriptor 3, a pipe to the parent. The pipe closes when the parent ends, however it ends; then the watcher
 * kills the program and removes the folder. `gone` tells it that the program has ended (its process id may be
 * another's by now), `keep` that the folder stays.
 */
const SCRIPT = `
folder=$1; shift
target=$$
(
  exec >/dev/null 2>&1
  trap '' HUP INT TERM
  while read -r order <&3; do
    case $order in gone) target= ;; keep) folder= ;; esac
  done
  if [ -n "$target" ]; then kill -KILL "$target"; fi
  if [ -n "$folder" ]; then rm -rf -- "$folder" || { sleep 1; rm -rf -- "$folder"; }; fi
) &
exec "$@" 3<&-
`;

export interface LifelineOptions {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd?: string;
  /** Removed with everything in it when the lifeline is let go or the parent ends. */
  folder?: string;
}

export interface ProcessWithLifeline {
  child: ChildProcess;
  /** After the program ended: ends the watcher, which removes the folder unless `keepFolder`. */
  letGo(options?: { keepFolder?: boolean }): void;
}

/**
 * Starts any program so that it ends with this process, even when this process is killed with SIGKILL. It gets
 * its own session: Ctrl-C in the terminal reaches only this process, which then stops things in its own order.
 */
export function spawnWithLifeline(options: LifelineOptions): ProcessWithLifeline {
  const child = spawn(
    '/bin/sh',
    ['-c', SCRIPT, 'sh', options.folder ?? '', options.command, ...options.args],
    {
      env: options.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      // Not standard input: Node closes that one as soon as the program ends, before it can be told `gone`.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    },
  );
  const lifeline = child.stdio[3] as Socket | null;
  // It may break at any time (the watcher was killed): there is nobody left to tell.
  lifeline?.on('error', () => {}).resume();
  child.once('exit', () => lifeline?.write('gone\n'));
  return {
    child,
    letGo({ keepFolder = false } = {}) {
      lifeline?.end(keepFolder ? 'keep\n' : '');
    },
  };
}
