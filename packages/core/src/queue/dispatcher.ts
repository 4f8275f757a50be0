import { taskJobId } from '../domain/ids.ts';
import { type Priority, queuePriority } from '../domain/vocabulary.ts';
import { REPAIR_ASKED_EVERY_MS } from '../runtime/tunables.ts';
import type { Ledger } from '../store/ledger.ts';
import { dispatchTasks, type QueuedTask } from '../store/tasks.ts';
import type { Queues } from './queues.ts';

/** Tasks queued by one run of the dispatch script; the loop goes on until none is left. */
const DISPATCH_LIMIT = 100;

export interface DispatcherDeps {
  ledger: Ledger;
  queues: Queues;
}

/**
 * The one way from `ready` to a job. The script decides and writes it down; the job that follows is only the knock on a
 * worker's door. A crash in between is repaired by the sweep, which adds the same job id again.
 * @returns how many tasks were queued
 */
export async function dispatchSwarm(deps: DispatcherDeps, swarmId: string): Promise<number> {
  let total = 0;
  for (;;) {
    const { queued, nextRetryAt } = await dispatchTasks(deps.ledger, swarmId, DISPATCH_LIMIT);
    await enqueueTasks(deps.queues, queued);
    total += queued.length;
    if (queued.length < DISPATCH_LIMIT) {
      if (nextRetryAt !== undefined) await wakeAt(deps.queues, swarmId, nextRetryAt);
      return total;
    }
  }
}

/** Adds the jobs of queued attempts. A job that is there already stays as it is. */
export async function enqueueTasks(queues: Queues, tasks: readonly QueuedTask[]): Promise<void> {
  if (tasks.length === 0) return;
  await queues.task.addBulk(
    tasks.map(({ swarmId, taskId, attempt, priority }) => ({
      name: 'run',
      data: { swarmId, taskId, attempt },
      opts: { jobId: taskJobId(swarmId, taskId, attempt), priority: queuePriority(priority as Priority) },
    })),
  );
}

/** Has a scheduler dispatch the swarm at a moment (milliseconds since 1970). */
export async function wakeAt(queues: Queues, swarmId: string, at: number): Promise<void> {
  const delay = Math.max(0, at - Date.now());
  await queues.wake.add('wake', { swarmId }, { jobId: `${swarmId}.wake.${at}`, delay });
}

/** Has a scheduler look at the whole swarm soon, as its sweep would; asked for again shortly after, it is once enough. */
export async function requestRepair(queues: Queues, swarmId: string): Promise<void> {
  const deduplication = { id: `${swarmId}.repair`, ttl: REPAIR_ASKED_EVERY_MS };
  await queues.wake.add('repair', { swarmId, repair: true }, { deduplication });
}

/** Asks for a swarm's plan. @param round tells a repeated request (the sweep's) from the first */
export async function enqueuePlan(queues: Queues, swarmId: string, round = 'first'): Promise<void> {
  await queues.plan.add('plan', { swarmId }, { jobId: `${swarmId}.plan.${round}` });
}
