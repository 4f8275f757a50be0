import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('./inside.mjs', import.meta.url));

/** A process's faults from inside: its clock goes wrong, its event loop stands still, its memory is used up. */
export interface Inside {
  readonly nodeArgs: string[];
  readonly env: Record<string, string>;
  /** The process with this id does nothing at all for so long, though it takes what its sockets get. */
  block(pid: number, ms: number): Promise<void>;
  /** The process with this id uses memory until it has no more, and dies of that: soon, if it has a small heap. */
  fillHeap(pid: number): Promise<void>;
}

/** Arguments of Node: several times the memory that a process needs in a storm, and filled in a moment. */
export const SMALL_HEAP = ['--max-old-space-size=320'];

/** @param skewMs how far its clock is ahead (or, negative, behind) */
export function createInside(folder: string, name: string, skewMs: number): Inside {
  const file = join(folder, `${name}.fault`);
  const tell = async (pid: number, fault: { block?: number }) => {
    await writeFile(file, JSON.stringify(fault));
    process.kill(pid, 'SIGUSR2');
  };
  return {
    nodeArgs: ['--import', PRELOAD],
    env: { CHAOS_SKEW_MS: String(skewMs), CHAOS_FAULT_FILE: file },
    block: (pid, ms) => tell(pid, { block: ms }),
    fillHeap: (pid) => tell(pid, {}),
  };
}
