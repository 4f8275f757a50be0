import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk so small that it can be filled. */
export interface SmallDisk {
  readonly path: string;
  /** Not a byte is left: the next block that anybody needs is refused with ENOSPC. */
  fill(): Promise<void>;
  /** There is room again. */
  clear(): Promise<void>;
  /** Also when somebody still has files open in it. */
  remove(): Promise<void>;
}

const STEP = Buffer.alloc(64 * 1024);

const isFull = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOSPC';

/** Mounts a disk of so many megabytes in memory. @returns undefined where this user may mount none */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'claude-flow-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'claude-flow-chaos', path]);
  } catch {
    await rmdir(path);
    return undefined;
  }
  const filler = join(path, 'filler');
  return {
    path,
    async fill() {
      const handle = await open(filler, 'a');
      try {
        for (;;) await handle.write(STEP);
      } catch (error) {
        if (!isFull(error)) throw error;
      } finally {
        await handle.close();
      }
    },
    clear: () => rm(filler, { force: true }),
    async remove() {
      await run('umount', ['-l', path]);
      await rmdir(path);
    },
  };
}
