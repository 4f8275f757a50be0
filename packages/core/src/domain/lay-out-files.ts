import { type FileEntry, type FileTask, foldersOf, mergeFiles } from './merge-files.ts';

/** A version of a file and where it lies in the tree. */
export interface PlacedFile<Entry extends FileEntry> {
  /** Relative, with `/`. */
  target: string;
  taskId: string;
  entry: Entry;
}

/** A path of which tasks that know nothing of each other left different versions. */
export interface TreeConflict {
  path: string;
  /** Where each version lies; null for one that a later task replaced. */
  versions: { taskId: string; target: string | null }[];
  /** The later task that knew the versions and left one of its own, which lies at the path. */
  settledBy: string | null;
}

export interface FileTree<Entry extends FileEntry> {
  /** By target. */
  files: PlacedFile<Entry>[];
  conflicts: TreeConflict[];
  /** With open conflicts: a text for whoever opens the tree, and where it lies. */
  note?: { target: string; text: string };
}

/** Versions of files in conflict lie here where their usual place is taken. Agents cannot write to it. */
export const CONFLICTS_FOLDER = '.conflicts';
const NOTE = 'CONFLICTS.txt';

/**
 * All files of a swarm as one tree: each at its path, in the version of the task that built on the others. Of a true conflict
 * every version is kept, in a folder named after its task. Pure; the demo, the archive and the results show the same.
 */
export function layOutFiles<Entry extends FileEntry>(tasks: readonly FileTask<Entry>[]): FileTree<Entry> {
  const merged = mergeFiles(tasks);
  const files = merged.files.map(({ taskId, entry }) => ({ target: entry.path, taskId, entry }));
  const names = new Set(files.map(({ target }) => target));
  const folders = new Set(files.flatMap(({ target }) => foldersOf(target)));
  const free = (target: string) =>
    !names.has(target) && !folders.has(target) && !foldersOf(target).some((folder) => names.has(folder));
  const place = (taskId: string, path: string): string => {
    const usual = `${taskId}/${path}`;
    return free(usual) ? usual : `${CONFLICTS_FOLDER}/${usual}`;
  };
  const open = merged.conflicts.map(({ path, versions }): TreeConflict => {
    const placed = versions.map(({ taskId, entry }) => ({ target: place(taskId, path), taskId, entry }));
    files.push(...placed);
    return { path, versions: placed.map(({ taskId, target }) => ({ taskId, target })), settledBy: null };
  });
  const settled = merged.settled.map(
    ({ path, versions, settledBy }): TreeConflict => ({
      path,
      versions: versions.map(({ taskId }) => ({ taskId, target: null })),
      settledBy,
    }),
  );
  const conflicts = [...open, ...settled].sort((a, b) => (a.path < b.path ? -1 : 1));
  files.sort((a, b) => (a.target < b.target ? -1 : 1));
  if (open.length === 0) return { files, conflicts };
  const target = free(NOTE) ? NOTE : `${CONFLICTS_FOLDER}/${NOTE}`;
  return { files, conflicts, note: { target, text: noteOf(open) } };
}

/** What a conflict is, for people. */
export function conflictSentence({ path, versions, settledBy }: TreeConflict): string {
  const tasks = listed(versions.map(({ taskId }) => taskId));
  if (settledBy !== null)
    return `${path}: ${tasks} left different versions; ${settledBy}, which knew them, left its own.`;
  const places = listed(versions.flatMap(({ target }) => target ?? []));
  if (versions.length === 1)
    return `${path}: ${tasks} left a file where others left a folder; it is kept as ${places}.`;
  return `${path}: ${tasks} left different versions, and none of them knew the other; they are kept as ${places}.`;
}

function noteOf(conflicts: readonly TreeConflict[]): string {
  const lines = conflicts.map((conflict) => `- ${conflictSentence(conflict)}`);
  return `Tasks that did not know of each other left different versions of the same files. All are kept:\n\n${lines.join('\n')}\n`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
