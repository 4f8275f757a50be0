import type { TaskClaim } from '@claude-flow/core/store/tasks';
import { type AbortReason, AttemptAborted } from './attempt-aborted.ts';

/** A task that this worker runs, with the two ways to end the run. */
export interface HeldTask {
  claim: TaskClaim;
  /** Ends what the agent does: model calls, tools, waits. */
  readonly work: AbortSignal;
  /** Ends also what is written down on the way: the task is ours no more. In doubt it goes on: its token decides. */
  readonly ownership: AbortSignal;
  /** Ends the run at the next turn boundary: the swarm is paused, or the lease in doubt. */
  readonly boundary: AbortSignal;
  /** When the lease was last known to be renewed, by `performance.now()`. */
  renewedAt: number;
  renewing: boolean;
  /** Called when this attempt has done a whole turn of its own and begins the next. */
  onTurnDone?: () => void;
  /** Ends the work; the attempt still writes down how it ended. */
  interrupt(reason: unknown): void;
  /** Has the run end at its next turn boundary. */
  suspend(reason: 'pause' | 'lease-doubt'): void;
  /** Ends the work and the writing. */
  lose(reason: Extract<AbortReason, 'cancel' | 'budget' | 'fenced'>): void;
}

export function holdTask(claim: TaskClaim, now: number): HeldTask {
  const work = new AbortController();
  const ownership = new AbortController();
  const boundary = new AbortController();
  return {
    claim,
    work: work.signal,
    ownership: ownership.signal,
    boundary: boundary.signal,
    renewedAt: now,
    renewing: false,
    interrupt: (reason) => work.abort(reason),
    suspend: (reason) => boundary.abort(new AttemptAborted(reason)),
    lose(reason) {
      const aborted = new AttemptAborted(reason);
      ownership.abort(aborted);
      work.abort(aborted);
    },
  };
}
