import type { ArtifactEntry } from '@claude-flow/core/domain/task';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { countTasks, readResults, readTasks } from '@claude-flow/core/store/task-reads';
import { badCursor, type PageRequest } from '../http/pages.ts';
import { completedOf } from '../tasks/task-view.ts';

/** Tasks read at once. */
const SLICE = 20;
/** Tasks looked at for one page: many may have left nothing. */
const MAX_LOOKED_AT = 2_000;
/** A page ends early when so many characters of results were read for it. */
const MAX_READ = 4 * 1024 * 1024;

export interface LeftFile {
  taskId: string;
  /** Of the task. */
  key: string;
  entry: ArtifactEntry;
}

/**
 * One page of the files that completed tasks left, in the order of the tasks. What a task left never changes, so a cursor
 * names a task and how many of its files have been shown.
 * @returns `read`: what it took, shown or not
 * @throws ApiError `validation_failed` for a cursor that is none
 */
export async function listFiles(
  ledger: Ledger,
  swarmId: string,
  { limit, cursor }: PageRequest,
): Promise<{ files: LeftFile[]; nextCursor: string | null; read: { records: number; bytes: number } }> {
  const total = await countTasks(ledger, swarmId);
  const start = parseCursor(cursor);
  const files: LeftFile[] = [];
  let next = start.task;
  const read = { records: 0, bytes: 0 };
  for (
    let from = start.task;
    from <= total && read.records < MAX_LOOKED_AT && read.bytes < MAX_READ;
    from += SLICE
  ) {
    const tasks = await readTasks(ledger, swarmId, from, Math.min(SLICE, total - from + 1));
    const results = await readResults(ledger, swarmId, completedOf(tasks));
    read.records += tasks.length;
    for (const { output, summary } of results.values()) read.bytes += output.length + summary.length;
    for (const { spec } of tasks) {
      next = spec.sequence + 1;
      const skipped = spec.sequence === start.task ? start.shown : 0;
      const left = (results.get(spec.id)?.artifacts ?? []).slice(skipped);
      const taken = left.slice(0, limit - files.length);
      files.push(...taken.map((entry) => ({ taskId: spec.id, key: spec.key, entry })));
      if (taken.length < left.length) {
        return { files, nextCursor: `${spec.sequence}.${skipped + taken.length}`, read };
      }
    }
  }
  return { files, nextCursor: next <= total ? `${next}.0` : null, read };
}

function parseCursor(cursor: string | undefined): { task: number; shown: number } {
  if (cursor === undefined) return { task: 1, shown: 0 };
  const [, task, shown] = /^([1-9][0-9]{0,8})\.([0-9]{1,9})$/.exec(cursor) ?? [];
  if (task === undefined || shown === undefined) throw badCursor();
  return { task: Number(task), shown: Number(shown) };
}
