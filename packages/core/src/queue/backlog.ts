import type { TaskJob } from '../contracts/jobs.ts';
import { isSwarmId, isTaskId, taskJobId } from '../domain/ids.ts';
import type { Queues } from './queues.ts';

/** Is there a job for this attempt, and has it been delivered? */
export async function taskJobState(
  queues: Queues,
  task: { swarmId: string; taskId: string; attempt: number },
): Promise<'waiting' | 'active' | 'missing'> {
  const state = await queues.task.getJobState(taskJobId(task.swarmId, task.taskId, task.attempt));
  if (state === 'active') return 'active';
  return state === 'unknown' || state === 'completed' || state === 'failed' ? 'missing' : 'waiting';
}

/** Jobs read in one go. */
const PAGE = 200;

/** The deliveries that a worker took and has not acknowledged. */
export async function deliveriesOf(queues: Queues, workerId: string): Promise<TaskJob[]> {
  const found: TaskJob[] = [];
  const total = await queues.task.getActiveCount();
  for (let start = 0; start < total; start += PAGE) {
    const jobs = await queues.task.getActive(start, start + PAGE - 1);
    // A job that was acknowledged between BullMQ's two reads is empty.
    for (const job of jobs) if (job?.processedBy === workerId) found.push(job.data);
  }
  return found.filter((job) => isSwarmId(job.swarmId) && isTaskId(job.taskId));
}

/**
 * Removes the deliveries of a worker that is known to be gone: each of them would hold a place of a capped fleet until BullMQ
 * notices. What became of their tasks is the ledger's to decide, before this. One that lives all the same only finds its
 * acknowledgement refused.
 * @returns how many there were
 */
export async function freeDeliveries(queues: Queues, workerId: string): Promise<number> {
  const deliveries = await deliveriesOf(queues, workerId);
  const outcomes = await Promise.all(
    deliveries.map(({ swarmId, taskId, attempt }) => {
      const jobId = taskJobId(swarmId, taskId, attempt);
      return queues.scripts.run('free-delivery', { jobId, workerId }, jobId);
    }),
  );
  return outcomes.filter(([outcome]) => outcome === 1).length;
}
