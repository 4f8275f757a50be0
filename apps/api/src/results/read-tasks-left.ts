import type { TaskResult } from '@claude-flow/core/domain/task';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { countTasks, readResults, readTasks, type TaskView } from '@claude-flow/core/store/task-reads';
import { completedOf } from '../tasks/task-view.ts';

/** Tasks read at once: their results may be large. */
const SLICE = 10;

/** All tasks of a swarm, in order, each with its result when it has one; never more than a few results are in memory. */
export async function* tasksWithResults(
  ledger: Ledger,
  swarmId: string,
): AsyncGenerator<{ task: TaskView; result: TaskResult | undefined }> {
  const total = await countTasks(ledger, swarmId);
  for (let from = 1; from <= total; from += SLICE) {
    const tasks = await readTasks(ledger, swarmId, from, Math.min(SLICE, total - from + 1));
    const results = await readResults(ledger, swarmId, completedOf(tasks));
    for (const task of tasks) yield { task, result: results.get(task.spec.id) };
  }
}

/** What a large answer needs of a task and its result beside the texts. */
export interface LightTask {
  task: TaskView;
  result: TaskResult | undefined;
}

/** The same without what an agent wrote: for all of a swarm's tasks in memory at once. */
export function withoutTexts({ task, result }: LightTask): LightTask {
  const spec = { ...task.spec, description: '' };
  const light = result && { ...result, output: '', summary: '', decisions: [], openQuestions: [] };
  return { task: { spec, state: task.state }, result: light };
}
