import { ClaudeFlowError } from '../domain/errors.ts';
import { oneLine } from '../domain/one-line.ts';
import { freshState, type TaskSpec } from '../domain/task.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import type { Ledger } from './ledger.ts';

/** A task for a running swarm; the ledger gives it its id and its number. */
export type AddedTask = Omit<TaskSpec, 'id' | 'sequence' | 'key'>;

/**
 * Adds a task to a swarm that has not ended; dispatch the swarm afterwards. While its plan is being made the task is kept, and
 * joined with the plan (`joinAdded`). Its name becomes one line.
 * @param requestKey the same key adds one task, however often it is sent
 * @returns the task's id
 * @throws ClaudeFlowError `swarm_not_found`, `swarm_state_conflict`, `task_not_found` (a dependency),
 *   `task_state_conflict` (a dependency has failed), `limit_exceeded`
 */
export async function addTask(
  ledger: Ledger,
  swarmId: string,
  task: AddedTask,
  requestKey = '',
): Promise<string> {
  const name = oneLine(task.name);
  const { id, sequence, ...spec } = { ...task, id: '', sequence: 0, key: name, name };
  const state = freshState({ ...spec, id, sequence });
  const dependencies = [...new Set(task.dependencies)];
  const [outcome, taskId, planning] = await ledger.scripts.run(
    ledger.redis,
    'add-task',
    { swarmId },
    {
      state: JSON.stringify(state),
      spec: JSON.stringify(spec),
      dependencies: JSON.stringify(dependencies),
      requestKey,
      name,
      taskType: task.type,
    },
  );
  if (outcome === OUTCOME.taskNotFound && planning === 'planning') {
    const message = `There is no task ${taskId} in this swarm yet: its plan is still being made. Depend on tasks that were added, or add this one when the swarm is planned.`;
    throw new ClaudeFlowError('task_not_found', message);
  }
  if (outcome < 0) throw outcomeError(outcome, taskId, 'add-task');
  return String(taskId);
}
