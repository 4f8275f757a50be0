import type { TaskResult } from '../domain/task.ts';
import { type Completion, completeTask, type HandOver, type TaskClaim } from '../store/tasks.ts';
import { type DispatcherDeps, dispatchSwarm } from './dispatcher.ts';

/**
 * Records a result with what follows from it in the same step: hand-overs to this worker when it has places for them. Repeat
 * it with the same token.
 * @returns what was recorded, and `sendOn`: dispatches what else became ready
 * @throws ClaudeFlowError `fenced`
 */
export async function completeAndDispatch(
  deps: DispatcherDeps,
  done: { claim: TaskClaim; result: TaskResult; data: Record<string, unknown> },
  handOver?: HandOver,
): Promise<Completion & { sendOn?: () => Promise<void> }> {
  const { claim, result, data } = done;
  const completion = await completeTask(deps.ledger, claim, result, data, handOver);
  if (!completion.more) return completion;
  return {
    ...completion,
    async sendOn() {
      await dispatchSwarm(deps, claim.swarmId);
    },
  };
}
