import { freshState, type TaskSpec } from '../domain/task.ts';
import { type Ledger, transition } from './ledger.ts';

/** A task for a running swarm; the ledger gives it its id and its number. */
export type AddedTask = Omit<TaskSpec, 'id' | 'sequence' | 'key'>;

/**
 * Adds a task to a swarm that is planned and has not ended; dispatch the swarm afterwards.
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
  const { id, sequence, ...spec } = { ...task, id: '', sequence: 0, key: task.name };
  const state = freshState({ ...spec, id, sequence });
  const dependencies = [...new Set(task.dependencies)];
  const [, taskId] = await transition(
    ledger,
    'add-task',
    { swarmId },
    {
      state: JSON.stringify(state),
      spec: JSON.stringify(spec),
      dependencies: JSON.stringify(dependencies),
      requestKey,
      name: task.name,
      taskType: task.type,
    },
  );
  return String(taskId);
}
