import { execFileSync } from 'node:child_process';
import { minimalEnv } from '@claude-flow/local-stack/processes/minimal-env';

/** How often the launchers are looked for: whoever ends `npx` expects the rest to end at once. */
const LOOK_EVERY_MS = 500;

/** As a program of its own (npm calls itself `npm exec ...`), or as a script that Node runs. */
const RUNNER = /^(\S*node\S*\s+)?(\S*\/)?(npm|npx|pnpm|yarn)(-cli)?(\.[cm]?js)?(\s|$)/;
const SHELL = /^(\S*\/)?sh\s+-c\s/;

interface Row {
  pid: number;
  parent: number;
  command: string;
}

function processTable(): Row[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], {
    encoding: 'utf8',
    env: minimalEnv(),
  });
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** The package runners above a process, and the shells between them. Pure. */
export function launchersOf(pid: number, table: readonly Row[]): number[] {
  const rows = new Map(table.map((row) => [row.pid, row]));
  const found: number[] = [];
  let shells: number[] = [];
  for (let row = rows.get(rows.get(pid)?.parent ?? 0); row !== undefined; row = rows.get(row.parent)) {
    if (RUNNER.test(row.command)) {
      found.push(...shells, row.pid);
      shells = [];
    } else if (SHELL.test(row.command)) shells.push(row.pid);
    else break;
  }
  return found;
}

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * Calls `onGone` once when a package runner that started this process has ended. `npx` does not pass SIGTERM on: it ends,
 * and what pnpm started for it would go on without anybody who could end it.
 */
export function watchLaunchers(onGone: () => void): void {
  // Only a runner sets it; without one there is nothing to look for.
  if (process.env['npm_execpath'] === undefined) return;
  let launchers: number[];
  try {
    launchers = launchersOf(process.pid, processTable());
  } catch {
    // No `ps` on this machine: Ctrl-C and SIGTERM to this process itself still work.
    return;
  }
  if (launchers.length === 0) return;
  const timer = setInterval(() => {
    if (launchers.every(lives)) return;
    clearInterval(timer);
    onGone();
  }, LOOK_EVERY_MS);
  timer.unref();
}
