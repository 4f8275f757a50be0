import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RunningCommand {
  child: ChildProcess;
  output: { out: string; err: string };
  /** The exit code, once all output has been read. */
  code: Promise<number | null>;
}

/** Runs a file of ours with this Node and nothing of this environment but what any program needs. */
export function runCommand(
  entry: string,
  args: string[],
  options: { cwd: string; env?: Record<string, string> },
): RunningCommand {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...options.env };
  const child = spawn(process.execPath, [entry, ...args], { cwd: options.cwd, env });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  return { child, output, code: once(child, 'close').then(([exitCode]) => exitCode as number | null) };
}

/** Every process below one, as process ids. */
export function descendants(root: number | undefined): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const found: number[] = [];
  const open = root === undefined ? [] : [root];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    const children = pairs.flatMap(([pid = 0, ppid]) => (ppid === parent ? [pid] : []));
    found.push(...children);
    open.push(...children);
  }
  return found;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
