import { type Ledger, transition } from './ledger.ts';
import type { TaskClaim } from './task-claim.ts';

/**
 * Has a running task wait until other tasks have ended: completed, failed, skipped and cancelled alike. Its agent and its
 * worker's place are free meanwhile; the journal stays, and no retry is spent. Sending it again is fine.
 * @returns `running` when all have ended already: the task is still this claim's
 * @throws ClaudeFlowError `fenced`, `task_not_found`, `task_state_conflict` (one of them cannot end before this task has),
 *   `limit_exceeded`
 */
export async function waitTask(
  ledger: Ledger,
  claim: TaskClaim,
  taskIds: readonly string[],
): Promise<'waiting' | 'running'> {
  const { swarmId, taskId, token } = claim;
  const children = JSON.stringify(taskIds);
  const [, status] = await transition(ledger, 'wait-task', { swarmId }, { taskId, token, children });
  return status as 'waiting' | 'running';
}
