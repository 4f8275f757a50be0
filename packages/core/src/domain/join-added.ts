import { type TaskId, taskId } from './ids.ts';
import type { TaskSpec } from './task.ts';

/** A task that somebody added while the plan was being made. */
export interface EarlyTask {
  id: TaskId;
  dependencies: readonly TaskId[];
  /** It has not been taken out again. */
  open: boolean;
}

/**
 * Puts a plan behind the tasks that were added while it was made: they keep the ids they were given, and the plan's tasks take the
 * next ones, in their order. The plan's closing task waits for all of them too; not for those that others among them wait for,
 * and not for those that were taken out again.
 * @param plan.closing one of `tasks`, or one more, for a plan of a single task, which needs none by itself
 * @returns `awaited`: the added tasks that the last of `tasks` waits for
 */
export function joinAdded(
  plan: { tasks: readonly TaskSpec[]; closing?: TaskSpec | undefined },
  added: readonly EarlyTask[],
): { tasks: TaskSpec[]; awaited: TaskId[] } {
  const { tasks, closing } = plan;
  const moved = (spec: TaskSpec): TaskSpec => ({
    ...spec,
    id: behind(spec.id),
    sequence: spec.sequence + added.length,
    dependencies: spec.dependencies.map(behind),
  });
  const behind = (id: TaskId) => taskId(Number(id.slice('task_'.length)) + added.length);
  const open = added.filter((task) => task.open);
  const needed = new Set(open.flatMap(({ dependencies }) => dependencies));
  const awaited = open.map(({ id }) => id).filter((id) => !needed.has(id));
  if (closing === undefined || awaited.length === 0) return { tasks: tasks.map(moved), awaited: [] };
  const last = moved(closing);
  const others = tasks.filter(({ id }) => id !== closing.id).map(moved);
  return { tasks: [...others, { ...last, dependencies: [...awaited, ...last.dependencies] }], awaited };
}
