import type { Entry, FinalEntry } from '../history.ts';
import { ofKind } from '../history.ts';

export interface Violation {
  /** In the words of the design page. */
  invariant: string;
  swarmId?: string;
  /** What was seen, in a sentence. */
  seen: string;
}

/** Pure: what in a history contradicts one invariant. */
export type Checker = (entries: readonly Entry[]) => Violation[];

/** A checker that looks at each swarm for itself. */
export function perSwarm(invariant: string, look: (final: FinalEntry) => string[]): Checker {
  return (entries) =>
    ofKind(entries, 'final')
      .filter((final) => final.found)
      .flatMap((final) => look(final).map((seen) => ({ invariant, swarmId: final.swarmId, seen })));
}

export const SWARM_ENDS = ['swarm.completed', 'swarm.failed', 'swarm.stopped'];
export const TASK_ENDS = ['task.completed', 'task.failed', 'task.cancelled', 'task.skipped'];
/** What only the attempt that has the task may write. */
export const ATTEMPT_WRITES = ['task.progress', 'artifact.stored', 'approval.requested', 'task.completed'];
