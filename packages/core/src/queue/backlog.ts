import { taskJobId } from '../domain/ids.ts';
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
