import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('./inside.mjs', import.meta.url));

/** A process's faults from inside: its clock goes wrong, its event loop stands still. */
export interface Inside {
  readonly nodeArgs: string[];
  readonly env: Record<string, string>;
  /** The process with this id does nothing at all for so long, though it takes what its sockets get. */
  block(pid: number, ms: number): Promise<void>;
}

/** @param skewMs how far its clock is ahead (or, negative, behind) */
export function createInside(folder: string, name: string, skewMs: number): Inside {
  const file = join(folder, `${name}.block`);
  return {
    nodeArgs: ['--import', PRELOAD],
    env: { CHAOS_SKEW_MS: String(skewMs), CHAOS_BLOCK_FILE: file },
    async block(pid, ms) {
      await writeFile(file, String(ms));
      process.kill(pid, 'SIGUSR2');
    },
  };
}
