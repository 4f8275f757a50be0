import type { TaskResult } from '../domain/task.ts';
import { type Completion, completeTask, type TaskClaim } from '../store/tasks.ts';
import { type DispatcherDeps, dispatchSwarm, enqueueTasks } from './dispatcher.ts';

/** Ready tasks that one completion may send to the queue besides; a wider fan-out is left to the dispatcher. */
const FAN_OUT = 100;

/**
 * Records a result with what follows from it in the same step: a hand-over to this worker when it has a token for one, and
 * dispatch of what else became ready. Repeat it with the same token.
 * @returns what was recorded, and `sendOn`: adds the jobs, and dispatches what the step did not
 * @throws ClaudeFlowError `fenced`
 */
export async function completeAndDispatch(
  deps: DispatcherDeps,
  done: { claim: TaskClaim; result: TaskResult; data: Record<string, unknown> },
  handOver?: { token: string; workerId: string },
): Promise<Completion & { sendOn?: () => Promise<void> }> {
  const { claim, result, data } = done;
  const onward = { dispatchLimit: FAN_OUT, ...(handOver === undefined ? {} : { handOver }) };
  const completion = await completeTask(deps.ledger, claim, result, data, onward);
  const { queued, more } = completion;
  if (queued.length === 0 && !more) return completion;
  return {
    ...completion,
    async sendOn() {
      await enqueueTasks(deps.queues, queued);
      if (more) await dispatchSwarm(deps, claim.swarmId);
    },
  };
}
