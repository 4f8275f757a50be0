import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import { WORKSPACE_LEFTOVER_MS } from '../tunables.ts';

/** Where workspaces lie unless WORKSPACE_ROOT says otherwise: a folder per user, so that users do not collide. */
export function defaultWorkspaceRoot(): string {
  return join(tmpdir(), `claude-flow-${userName().replace(/[^A-Za-z0-9_-]/g, '_')}`);
}

/** Containers often run as a number that no account has; then the number is the name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

export interface WorkspaceHome {
  /** The folder in which this worker makes its workspaces. */
  path: string;
  remove(): Promise<void>;
}

const HOST = hostname().replace(/[^A-Za-z0-9-]/g, '_');
/** Tells this process from an earlier one with the same number: in a container it is often the same. */
const PROCESS = randomBytes(6).toString('hex');
const OWNED = /^worker\.([A-Za-z0-9_-]+)\.([0-9]+)\.([0-9a-f]{12})\.[0-9a-f]{12}$/;

/**
 * Makes this worker's own folder in the root, and removes those of workers that are gone.
 * @throws ClaudeFlowError `config_invalid` when the root cannot be used
 */
export async function openWorkspaceHome(root: string, now = Date.now()): Promise<WorkspaceHome> {
  const path = join(root, `worker.${HOST}.${process.pid}.${PROCESS}.${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const there = await lstat(root);
    const me = process.getuid?.();
    if (!there.isDirectory() || (me !== undefined && there.uid !== me)) {
      throw new Error('it is not a folder of this user');
    }
    // With the sticky bit others may put folders beside ours, but neither rename nor remove them.
    if ((there.mode & WRITABLE_BY_OTHERS) !== 0 && (there.mode & STICKY) === 0) {
      throw new Error('other users may write it; run chmod go-w on it');
    }
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const message = `Workspaces cannot be made in ${root} (${errorMessage(error)}). Set WORKSPACE_ROOT to a folder that the worker may write.`;
    throw new ClaudeFlowError('config_invalid', message, { cause: error });
  }
  await removeLeftovers(root, now);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** A worker that lives finds its folder made again when it needs it (`createWorkspace`). */
async function removeLeftovers(root: string, now: number): Promise<void> {
  for (const name of await readdir(root)) {
    const [, host, pid, owner] = OWNED.exec(name) ?? [];
    if (host === undefined || pid === undefined || owner === PROCESS) continue;
    const full = join(root, name);
    const gone = host === HOST && (Number(pid) === process.pid || !isAlive(Number(pid)));
    if (gone || (await isOld(full, now))) await rm(full, { recursive: true, force: true, maxRetries: 3 });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function isOld(path: string, now: number): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats !== undefined && now - stats.mtimeMs > WORKSPACE_LEFTOVER_MS;
}
