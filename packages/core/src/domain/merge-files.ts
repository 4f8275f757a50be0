/** What is known of a file that a task left: enough to tell versions apart. */
export interface FileEntry {
  path: string;
  digest: string;
}

/** A task, the tasks it depends on, and the files that it changed. */
export interface FileTask<Entry extends FileEntry> {
  id: string;
  dependencies: readonly string[];
  artifacts: readonly Entry[];
}

export interface FileVersion<Entry extends FileEntry> {
  taskId: string;
  entry: Entry;
}

export interface FileConflict<Entry extends FileEntry> {
  path: string;
  versions: FileVersion<Entry>[];
}

export interface MergedFiles<Entry extends FileEntry> {
  /** By path. */
  files: FileVersion<Entry>[];
  /** Paths that tasks which know nothing of each other changed differently. None of the versions is in `files`. */
  conflicts: FileConflict<Entry>[];
  /** Such paths of which a later task, which knew the versions, left one of its own. That is in `files`. */
  settled: (FileConflict<Entry> & { settledBy: string })[];
}

/**
 * The files that tasks leave together. A later task's version of a file stands for those it built on; two versions of which
 * neither builds on the other are a conflict, never one over the other. Pure.
 * @param tasks with all tasks above them that are to count, in any order
 */
export function mergeFiles<Entry extends FileEntry>(tasks: readonly FileTask<Entry>[]): MergedFiles<Entry> {
  const byPath = new Map<string, FileVersion<Entry>[]>();
  for (const task of tasks) {
    for (const entry of task.artifacts) {
      const versions = byPath.get(entry.path) ?? [];
      versions.push({ taskId: task.id, entry });
      byPath.set(entry.path, versions);
    }
  }
  const isAbove = ancestry(tasks);
  const newest = (versions: FileVersion<Entry>[]): FileVersion<Entry>[] => {
    if (versions.length < 2) return versions;
    const above = isAbove(versions.map(({ taskId }) => taskId));
    return versions.filter(({ taskId }) => !above.has(taskId));
  };

  const folders = new Set([...byPath.keys()].flatMap(foldersOf));
  const merged: MergedFiles<Entry> = { files: [], conflicts: [], settled: [] };
  for (const [path, versions] of [...byPath].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const current = newest(versions);
    const [first] = current;
    // A file where another task made a folder cannot lie there either.
    if (first === undefined || distinct(current).length > 1 || folders.has(path)) {
      merged.conflicts.push({ path, versions: distinct(current) });
      continue;
    }
    merged.files.push(first);
    const before = distinct(newest(versions.filter((version) => !current.includes(version))));
    if (before.length > 1) merged.settled.push({ path, versions: before, settledBy: first.taskId });
  }
  return merged;
}

function distinct<Entry extends FileEntry>(versions: FileVersion<Entry>[]): FileVersion<Entry>[] {
  return [...new Map(versions.map((version) => [version.entry.digest, version])).values()];
}

/** `a/b/c` lies in `a` and `a/b`. */
export function foldersOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_segment, index) => segments.slice(0, index + 1).join('/'));
}

/**
 * For some tasks, all tasks that any of them builds on, near and far. Tasks above the highest of them are not looked at: among
 * ten thousand tasks the few that share a path are mostly near each other.
 */
function ancestry(
  tasks: readonly FileTask<FileEntry>[],
): (taskIds: readonly string[]) => ReadonlySet<string> {
  const dependencies = new Map(tasks.map((task) => [task.id, task.dependencies]));
  let depths: Map<string, number> | undefined;
  return (taskIds) => {
    depths ??= depthsOf(dependencies);
    const depth = (id: string) => depths?.get(id) ?? 0;
    const highest = taskIds.reduce((least, id) => Math.min(least, depth(id)), Number.POSITIVE_INFINITY);
    const found = new Set<string>();
    const open = taskIds.flatMap((id) => dependencies.get(id) ?? []);
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id) || depth(id) < highest) continue;
      found.add(id);
      open.push(...(dependencies.get(id) ?? []));
    }
    return found;
  };
}

/** How many tasks stand above each, along the longest way. With a stack of our own: chains are thousands long. */
function depthsOf(dependencies: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const depths = new Map<string, number>();
  for (const root of dependencies.keys()) {
    const stack = [root];
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const above = (dependencies.get(id) ?? []).filter((other) => dependencies.has(other));
      const missing = depths.has(id) ? [] : above.filter((other) => !depths.has(other));
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      if (!depths.has(id))
        depths.set(
          id,
          above.reduce((most, other) => Math.max(most, 1 + (depths.get(other) ?? 0)), 0),
        );
      stack.pop();
    }
  }
  return depths;
}
