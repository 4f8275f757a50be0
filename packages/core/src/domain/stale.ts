import type { TaskState } from './task.ts';

/** What the sweep knows of one unfinished task. */
export interface StaleObservation {
  task: Pick<TaskState, 'status' | 'queuedAt' | 'retryAt' | 'token' | 'attempt'>;
  /** When the task's lease ends (running only). */
  leaseUntil?: number;
  /** State of the attempt's BullMQ job; `missing` when there is none. */
  job?: 'waiting' | 'active' | 'missing';
}

export type StaleVerdict =
  | 'healthy'
  | 'lease-expired'
  | 'never-queued'
  | 'job-missing'
  | 'delivery-lost'
  | 'retry-due';

/** A worker claims within milliseconds of delivery; a job active this long without a claim lost its worker. */
export const DELIVERY_GRACE_MS = 5_000;
/** Between the ledger's `queued` and the job's arrival lies one round trip; younger than this is not yet lost. */
export const ENQUEUE_GRACE_MS = 1_000;

/** Pure: the same observation gives the same verdict, from whichever process and for whatever reason it is asked. */
export function classifyTask(seen: StaleObservation, now: number): StaleVerdict {
  switch (seen.task.status) {
    case 'running':
      return seen.leaseUntil === undefined || seen.leaseUntil <= now ? 'lease-expired' : 'healthy';
    case 'queued': {
      const age = now - (seen.task.queuedAt ?? 0);
      if (seen.job === 'missing') return age >= ENQUEUE_GRACE_MS ? 'job-missing' : 'healthy';
      if (seen.job === 'active') return age >= DELIVERY_GRACE_MS ? 'delivery-lost' : 'healthy';
      return 'healthy';
    }
    case 'retrying':
      return (seen.task.retryAt ?? 0) <= now ? 'retry-due' : 'healthy';
    case 'ready':
      return 'never-queued';
    default:
      return 'healthy';
  }
}
