import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What other commands of the same user may know of a running demo, dev or start. */
export interface RunningStack {
  /** Of the command that started it and ends it. */
  pid: number;
  /** `demo`, `dev` or `start`. */
  command: string;
  apiUrl: string;
  /** Of its private Redis. */
  redisUrl: string;
  redisPrefix?: string;
}

const NAME = /^(\d{1,10})\.json$/;

/** `$XDG_STATE_HOME/claude-flow-remote`, or the usual folder for it; undefined for a user without a home. */
function stateFolder(env: NodeJS.ProcessEnv): string | undefined {
  const xdg = env['XDG_STATE_HOME'];
  if (xdg && isAbsolute(xdg)) return join(xdg, 'claude-flow-remote');
  try {
    const home = env['HOME'] || homedir();
    return isAbsolute(home) ? join(home, '.local', 'state', 'claude-flow-remote') : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Leaves a file, for this user alone, by which `key:create` and others find the stack.
 * @returns takes it away again. Where no file can be written there is none, and nothing fails
 */
export async function announceStack(
  stack: RunningStack,
  env: NodeJS.ProcessEnv = process.env,
): Promise<() => Promise<void>> {
  const folder = stateFolder(env);
  if (folder === undefined) return async () => {};
  const file = join(folder, `${stack.pid}.json`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rm(file, { force: true });
    await writeFile(file, `${JSON.stringify(stack)}\n`, { mode: 0o600, flag: 'wx' });
    // The umask may have taken away what the owner needs, never added to it; the folder may be older than this rule.
    await chmod(folder, 0o700);
  } catch {
    return async () => {};
  }
  return () => rm(file, { force: true });
}

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Others may not have written it: what it says is connected to. */
async function isOurs(file: string): Promise<boolean> {
  const info = await stat(file);
  return info.uid === (process.getuid?.() ?? info.uid) && (info.mode & 0o077) === 0;
}

function parsed(text: string): RunningStack | undefined {
  try {
    const { pid, command, apiUrl, redisUrl, redisPrefix } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof command !== 'string') return undefined;
    if (typeof apiUrl !== 'string' || typeof redisUrl !== 'string') return undefined;
    return { pid, command, apiUrl, redisUrl, ...(typeof redisPrefix === 'string' ? { redisPrefix } : {}) };
  } catch {
    return undefined;
  }
}

/** The stacks of this user that run now; what a killed command has left behind is removed. */
export async function runningStacks(env: NodeJS.ProcessEnv = process.env): Promise<RunningStack[]> {
  const folder = stateFolder(env);
  if (folder === undefined) return [];
  const found: RunningStack[] = [];
  for (const name of (await readdir(folder).catch(() => [])).toSorted()) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (!(pid > 0)) continue;
    const file = join(folder, name);
    if (!lives(pid)) {
      await rm(file, { force: true }).catch(() => {});
      continue;
    }
    const stack =
      (await isOurs(file).catch(() => false)) && parsed(await readFile(file, 'utf8').catch(() => ''));
    if (stack && stack.pid === pid) found.push(stack);
  }
  return found;
}

/**
 * The variables that lead to the Redis in question: as set; else those of the one stack that this user runs.
 * @throws Error, a sentence for the user, when several run
 */
export async function whereRedisIs(
  env: NodeJS.ProcessEnv,
  say: (sentence: string) => void,
): Promise<NodeJS.ProcessEnv> {
  if (env['REDIS_URL']) return env;
  const stacks = await runningStacks(env);
  const [stack, ...others] = stacks;
  if (stack === undefined) return env;
  if (others.length > 0) {
    const choices = stacks.map(
      ({ command, apiUrl, redisUrl }) => `  REDIS_URL=${redisUrl}   pnpm ${command}, ${apiUrl}`,
    );
    throw new Error(
      `REDIS_URL is not set, and more than one system runs here. Set it to one of:\n${choices.join('\n')}`,
    );
  }
  say(`REDIS_URL is not set: using the Redis of the running pnpm ${stack.command} (${stack.apiUrl}).`);
  return {
    ...env,
    REDIS_URL: stack.redisUrl,
    ...(stack.redisPrefix === undefined ? {} : { REDIS_PREFIX: stack.redisPrefix }),
  };
}
