import { statfs } from 'node:fs/promises';

/** Whether the disk of the workspaces is full. */
export interface Room {
  /** When it was looked at last. */
  readonly full: boolean;
  /** Looks now. */
  check(): Promise<boolean>;
}

export interface RoomWatch extends Room {
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
  let looking: Promise<void> | undefined;
  async function look(): Promise<void> {
    const now = await isFull(folder, bytes).catch(() => false);
    looking = undefined;
    if (ended || now === full) return;
    full = now;
    onChange(full);
  }
  const lookOnce = () => {
    looking ??= look();
    return looking;
  };
  const timer = setInterval(() => void lookOnce(), everyMs);
  return {
    get full() {
      return full;
    },
    async check() {
      // One that is under way may have asked before the disk was full.
      await looking;
      await lookOnce();
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

/** Did this fail because there was no room on a disk? */
export function isNoRoom(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  }
  return false;
}
