import { statfs } from 'node:fs/promises';

export interface RoomWatch {
  readonly full: boolean;
  end(): void;
}

export interface RoomWatchOptions {
  /** Whose disk is looked at. */
  folder: string;
  everyMs: number;
  /** With less than so many bytes free the disk is full. */
  bytes: number;
  /** Told of each change. */
  onChange(full: boolean): void;
}

/** Looks now and then whether the disk has room. One that does not say is taken to have it. */
export function watchRoom({ folder, everyMs, bytes, onChange }: RoomWatchOptions): RoomWatch {
  let full = false;
  let ended = false;
  let looking = false;
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    const now = await isFull(folder, bytes).catch(() => false);
    looking = false;
    if (ended || now === full) return;
    full = now;
    onChange(full);
  }
  const timer = setInterval(() => void look(), everyMs);
  return {
    get full() {
      return full;
    },
    end() {
      ended = true;
      clearInterval(timer);
    },
  };
}

async function isFull(folder: string, bytes: number): Promise<boolean> {
  const { blocks, bavail, bsize, files, ffree } = await statfs(folder);
  // Some file systems do not count blocks, or files: then they say 0 of 0.
  return (blocks > 0 && bavail * bsize < bytes) || (files > 0 && ffree === 0);
}
