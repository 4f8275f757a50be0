import type { FileConflict, FileEntry } from '@claude-flow/core/domain/merge-files';

type Conflicts = readonly FileConflict<FileEntry>[];

/** Conflicts named in one line of the swarm's log; the results name all. */
const NAMED = 10;

/** For the swarm's log, when a task begins. */
export function conflictsFound(name: string, conflicts: Conflicts): string {
  return `"${name}" builds on tasks that left different versions of the same files: ${listed(conflicts)}. It finds all versions and is asked to merge them.`;
}

/** For the swarm's log, when a task ends and has not written them. */
export function conflictsLeft(name: string, conflicts: Conflicts): string {
  return `"${name}" did not merge the different versions it found: ${listed(conflicts)}. All of them are kept.`;
}

/** Those of which the task left no version of its own. @param changed the files that it left */
export function unsettled(conflicts: Conflicts, changed: readonly FileEntry[]): Conflicts {
  const paths = new Set(changed.map(({ path }) => path));
  return conflicts.filter(({ path }) => !paths.has(path));
}

function listed(conflicts: Conflicts): string {
  const named = conflicts
    .slice(0, NAMED)
    .map(({ path, versions }) => `${path} (${versions.map(({ taskId }) => taskId).join(', ')})`);
  const more = conflicts.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
