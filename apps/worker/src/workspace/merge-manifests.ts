import type { ArtifactEntry } from '@claude-flow/core/domain/task';

/** A finished task above the one to run: what it depends on, and the files it changed. */
export interface UpstreamTask {
  id: string;
  dependencies: readonly string[];
  artifacts: readonly ArtifactEntry[];
}

export interface FileVersion {
  taskId: string;
  entry: ArtifactEntry;
}

export interface FileConflict {
  path: string;
  versions: FileVersion[];
}

export interface MergedFiles {
  files: ArtifactEntry[];
  /** Paths that tasks which know nothing of each other changed differently. None of the versions is in `files`. */
  conflicts: FileConflict[];
}

/**
 * The files a task finds: all that was made upstream. A later task's version of a file stands for those it built on; two
 * versions of which neither builds on the other are a conflict, never one over the other.
 */
export function mergeManifests(tasks: readonly UpstreamTask[]): MergedFiles {
  const byPath = new Map<string, FileVersion[]>();
  for (const task of tasks) {
    for (const entry of task.artifacts) {
      const versions = byPath.get(entry.path) ?? [];
      versions.push({ taskId: task.id, entry });
      byPath.set(entry.path, versions);
    }
  }
  const above = ancestry(tasks);
  const current = new Map<string, FileVersion[]>();
  for (const [path, versions] of byPath) current.set(path, newest(versions, above));

  const folders = new Set([...current.keys()].flatMap(foldersOf));
  const merged: MergedFiles = { files: [], conflicts: [] };
  for (const [path, versions] of [...current].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [first] = versions;
    const same = new Set(versions.map((version) => version.entry.digest)).size === 1;
    // A file where another task made a folder cannot lie there either.
    if (first !== undefined && same && !folders.has(path)) merged.files.push(first.entry);
    else merged.conflicts.push({ path, versions: distinct(versions) });
  }
  return merged;
}

/** Versions that no other version's task was built upon. */
function newest(versions: FileVersion[], above: (taskId: string) => ReadonlySet<string>): FileVersion[] {
  if (versions.length === 1) return versions;
  return versions.filter(
    (version) => !versions.some((other) => other !== version && above(other.taskId).has(version.taskId)),
  );
}

function distinct(versions: FileVersion[]): FileVersion[] {
  return [...new Map(versions.map((version) => [version.entry.digest, version])).values()];
}

function foldersOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_segment, index) => segments.slice(0, index + 1).join('/'));
}

/** For a task, all tasks it builds on, near and far; worked out when asked for. */
function ancestry(tasks: readonly UpstreamTask[]): (taskId: string) => ReadonlySet<string> {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const known = new Map<string, Set<string>>();
  return (taskId) => {
    const cached = known.get(taskId);
    if (cached !== undefined) return cached;
    const found = new Set<string>();
    const open = [...(byId.get(taskId)?.dependencies ?? [])];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      open.push(...(byId.get(id)?.dependencies ?? []));
    }
    known.set(taskId, found);
    return found;
  };
}
