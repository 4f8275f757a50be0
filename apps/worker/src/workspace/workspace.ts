import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactEntry } from '@claude-flow/core/domain/task';
import { artifactDigest, MAX_ARTIFACT_BYTES } from '@claude-flow/core/store/artifacts';
import { MAX_WORKSPACE_BYTES, MAX_WRITTEN_FILES } from '../tunables.ts';
import { openForReading, openForWriting } from './confined.ts';
import { ToolFailure } from './paths.ts';

const DEFAULT_MODE = 0o644;

interface KnownFile {
  size: number;
  mode: number;
  /** What the dependencies left here; absent when the file is new. */
  baseDigest?: string;
  /** Written by this task, in this attempt or an earlier one. */
  written: boolean;
  /** As last stored. Absent after a write. */
  stored?: ArtifactEntry;
}

/** The files of one attempt, in a folder of its own. Paths are those of `paths.ts`. */
export interface Workspace {
  /** Absolute, without links. */
  root: string;
  /** Files known to be here, sorted. */
  list(): { path: string; size: number }[];
  /** @throws ToolFailure */
  read(path: string): Promise<Buffer>;
  /** Writes for the agent. @returns whether the file is new @throws ToolFailure also beyond the limits */
  write(path: string, content: Buffer): Promise<{ created: boolean }>;
  /** Puts a file here that is not the agent's work. `base`: a dependency's, which the agent may change. */
  place(path: string, content: Buffer, options?: { mode?: number; base?: boolean }): Promise<void>;
  /** Puts a file here that this task wrote in an earlier attempt. */
  restore(entry: ArtifactEntry, content: Buffer): Promise<void>;
  /** Everything this task changed so far, sorted; `store` keeps what is not kept yet. */
  changes(store: StoreFile): Promise<ArtifactEntry[]>;
  remove(): Promise<void>;
}

export type StoreFile = (file: { path: string; mode: number; content: Buffer }) => Promise<ArtifactEntry>;

/** @param home the workspace is a new folder in this one */
export async function createWorkspace(home: string, label: string): Promise<Workspace> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const root = await realpath(await mkdtemp(join(home, `${label}-`)));
  const files = new Map<string, KnownFile>();

  async function readAll(path: string): Promise<Buffer> {
    const handle = await openForReading(root, path);
    try {
      const { size } = await handle.stat();
      if (size > MAX_ARTIFACT_BYTES) throw new ToolFailure(tooLarge(path, size));
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }

  async function put(path: string, content: Buffer, mode: number): Promise<void> {
    const handle = await openForWriting(root, path, mode);
    try {
      await handle.truncate(0);
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
  }

  function checkRoom(path: string, size: number): void {
    if (size > MAX_ARTIFACT_BYTES) throw new ToolFailure(tooLarge(path, size));
    let written = 1;
    let bytes = size;
    for (const [other, file] of files) {
      if (other === path) continue;
      bytes += file.size;
      if (file.written) written += 1;
    }
    if (written > MAX_WRITTEN_FILES) {
      throw new ToolFailure(`This task has written ${MAX_WRITTEN_FILES} files, the most it may.`);
    }
    if (bytes > MAX_WORKSPACE_BYTES) {
      throw new ToolFailure(
        `The workspace is full: with ${path} it would exceed ${MAX_WORKSPACE_BYTES} bytes.`,
      );
    }
  }

  return {
    root,
    list: () =>
      [...files].map(([path, { size }]) => ({ path, size })).sort((a, b) => (a.path < b.path ? -1 : 1)),
    read: readAll,
    async write(path, content) {
      checkRoom(path, content.length);
      const before = files.get(path);
      const mode = before?.mode ?? DEFAULT_MODE;
      await put(path, content, mode);
      const base = before?.baseDigest === undefined ? {} : { baseDigest: before.baseDigest };
      files.set(path, { size: content.length, mode, written: true, ...base });
      return { created: before === undefined };
    },
    async place(path, content, { mode = DEFAULT_MODE, base = false } = {}) {
      await put(path, content, mode);
      const file = { size: content.length, mode, written: false };
      files.set(path, base ? { ...file, baseDigest: artifactDigest(content) } : file);
    },
    async restore(entry, content) {
      const before = files.get(entry.path);
      await put(entry.path, content, entry.mode);
      const base = before?.baseDigest === undefined ? {} : { baseDigest: before.baseDigest };
      files.set(entry.path, { size: entry.size, mode: entry.mode, written: true, stored: entry, ...base });
    },
    async changes(store) {
      const changed: ArtifactEntry[] = [];
      for (const [path, file] of files) {
        if (!file.written) continue;
        if (file.stored === undefined) {
          const content = await readAll(path);
          if (artifactDigest(content) === file.baseDigest) continue;
          file.stored = await store({ path, mode: file.mode, content });
        }
        changed.push(file.stored);
      }
      return changed.sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}

function tooLarge(path: string, size: number): string {
  return `${path} has ${size} bytes; a file may have at most ${MAX_ARTIFACT_BYTES}.`;
}
