import type { TaskResult, TaskSpec } from '@claude-flow/core/domain/task';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { getResult, getTasks, type TaskView } from '@claude-flow/core/store/task-reads';

/** A task that the one to run depends on, directly or through others. */
export interface Upstream {
  view: TaskView;
  /** Absent when it failed and its policy lets others go on. */
  result?: TaskResult;
}

/** All tasks above one, in the order of their numbers. */
export async function readUpstream(ledger: Ledger, swarmId: string, spec: TaskSpec): Promise<Upstream[]> {
  const found = new Map<string, Upstream>();
  let wanted = [...new Set(spec.dependencies)];
  while (wanted.length > 0) {
    const [views, results] = await Promise.all([
      getTasks(ledger, swarmId, wanted),
      Promise.all(wanted.map((id) => getResult(ledger, swarmId, id))),
    ]);
    const resultOf = new Map(wanted.map((id, index) => [id, results[index]]));
    for (const view of views) {
      const result = resultOf.get(view.spec.id);
      found.set(view.spec.id, result === undefined ? { view } : { view, result });
    }
    const next = new Set(views.flatMap((view) => view.spec.dependencies));
    wanted = [...next].filter((id) => !found.has(id));
  }
  return [...found.values()].sort((a, b) => a.view.spec.sequence - b.view.spec.sequence);
}
