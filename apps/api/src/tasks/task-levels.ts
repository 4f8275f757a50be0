import type { Ledger } from '@claude-flow/core/store/ledger';
import { readTasks, type TaskView } from '@claude-flow/core/store/task-reads';
import { LRUCache } from 'lru-cache';

/** Swarms whose levels are remembered: of the largest a few hundred kilobytes. */
const SWARMS = 50;
/** Tasks read at once. */
const SLICE = 200;

/** Level of each task by its number: 0 for what needs nothing, else one more than the highest of those needed. */
export type TaskLevels = readonly number[];

/**
 * The level of a task follows from all those before it, and never changes: dependencies come before their dependants, and what a
 * task needs is written once. So what one page has found out serves the next.
 */
export function createTaskLevels(ledger: Ledger) {
  const known = new LRUCache<string, number[]>({ max: SWARMS });

  /** @returns levels up to the last of these tasks, and how many others had to be read for it */
  return async (
    first: number,
    tasks: readonly TaskView[],
    swarmId: string,
  ): Promise<{ levels: TaskLevels; others: number }> => {
    // Numbers begin with 1: what stands at 0 is no task's.
    const levels = known.get(swarmId) ?? [0];
    known.set(swarmId, levels);
    let others = 0;
    while (levels.length < first) {
      const from = levels.length;
      const before = await readTasks(ledger, swarmId, from, Math.min(SLICE, first - from));
      if (before.length === 0) break;
      others += before.length;
      const known = levels.length;
      extend(levels, before);
      // A damaged record, with a task missing: those behind it have no level.
      if (levels.length === known) break;
    }
    extend(levels, tasks);
    return { levels, others };
  };
}

function extend(levels: number[], tasks: readonly TaskView[]): void {
  for (const { spec } of tasks) {
    if (spec.sequence !== levels.length) continue;
    const needed = spec.dependencies.map((id) => levels[Number(id.slice('task_'.length))] ?? 0);
    levels.push(needed.length === 0 ? 0 : 1 + Math.max(...needed));
  }
}
