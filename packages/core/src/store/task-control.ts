import type { SwarmStatus, TaskStatus } from '../domain/states.ts';
import { type Ledger, transition } from './ledger.ts';

/**
 * Takes one task out of a swarm that goes on. Its `onFailure` decides what becomes of its dependants: skipped, going on
 * without it, or the whole swarm ended. An agent at work on it learns that from its next heartbeat. Repeatable.
 * @throws ClaudeFlowError `swarm_not_found`, `task_not_found`, `swarm_state_conflict`, `task_state_conflict` (it has ended)
 */
export async function cancelTask(
  ledger: Ledger,
  swarmId: string,
  taskId: string,
): Promise<{ changed: boolean; swarmStatus: SwarmStatus }> {
  const [outcome, status] = await transition(ledger, 'cancel-task', { swarmId }, { taskId });
  return { changed: outcome === 1, swarmStatus: status as SwarmStatus };
}

/**
 * Does a failed or cancelled task again, from its beginning and with all its retries, while the swarm is open; what was
 * skipped on its account waits for it again. A task that waits for its retry becomes ready at once. Dispatch afterwards.
 * @returns its status, and how many skipped tasks came back
 * @throws ClaudeFlowError `swarm_not_found`, `task_not_found`, `swarm_state_conflict`, `task_state_conflict`
 */
export async function retryTask(
  ledger: Ledger,
  swarmId: string,
  taskId: string,
): Promise<{ changed: boolean; taskStatus: TaskStatus; revived: number }> {
  const [outcome, status, revived] = await transition(ledger, 'retry-task', { swarmId, taskId }, { taskId });
  return { changed: outcome === 1, taskStatus: status as TaskStatus, revived: Number(revived) };
}
