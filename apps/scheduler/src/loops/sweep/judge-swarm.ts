import { classifyTask, type StaleObservation } from '@claude-flow/core/domain/stale';
import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import type { TaskState } from '@claude-flow/core/domain/task';
import type { SwarmObservation } from '@claude-flow/core/store/observations';

/** Something about a swarm that does not mend itself, by the name that the metric and the log give it. */
export type Finding =
  | { verdict: 'lease-expired' | 'job-missing' | 'delivery-lost'; task: TaskState }
  | { verdict: 'never-queued' | 'retry-due' | 'deadline-passed' | 'plan-lost' | 'finished' | 'ghost' };

export interface SwarmEvidence {
  observed: SwarmObservation;
  /** State of the job of each task in `observed.queued`, by task id. */
  jobs: ReadonlyMap<string, NonNullable<StaleObservation['job']>>;
  /** When the swarm was put into the index of active ones (milliseconds since 1970). */
  indexedAt?: number;
  /** A request for the plan still waits in its queue. */
  planWaiting: boolean;
}

/** Creation writes the index first and the swarm right after; an entry this old without a swarm never gets one. */
export const GHOST_AFTER_MS = 60_000;
/** Between creation and the arrival of its plan request, or of the caller's own graph, lie a few round trips. */
export const PLAN_REQUEST_GRACE_MS = 3_000;

/** Pure: what has to be repaired, most important first. What ends the swarm stands alone. */
export function judgeSwarm(evidence: SwarmEvidence): Finding[] {
  const { observed, jobs, indexedAt } = evidence;
  const { now, status } = observed;
  const age = indexedAt === undefined ? 0 : now - indexedAt;
  if (!observed.exists || status === undefined) return age >= GHOST_AFTER_MS ? [{ verdict: 'ghost' }] : [];
  if (isTerminalSwarm(status)) return [{ verdict: 'finished' }];
  if (observed.deadlineAt !== undefined && observed.deadlineAt <= now)
    return [{ verdict: 'deadline-passed' }];
  if (status === 'planning') return planIsLost(evidence, age) ? [{ verdict: 'plan-lost' }] : [];
  if (status !== 'executing') return [];

  const findings: Finding[] = [];
  for (const task of [...observed.expired, ...observed.queued]) {
    const job = jobs.get(task.id);
    const verdict = classifyTask(job === undefined ? { task } : { task, job }, now);
    if (verdict === 'lease-expired' || verdict === 'job-missing' || verdict === 'delivery-lost') {
      findings.push({ verdict, task });
    }
  }
  if (observed.dueRetries > 0) findings.push({ verdict: 'retry-due' });
  if (observed.readyCount > 0) findings.push({ verdict: 'never-queued' });
  return findings;
}

function planIsLost({ observed, planWaiting }: SwarmEvidence, age: number): boolean {
  if (observed.planned || planWaiting) return false;
  if (observed.planLeaseUntil === undefined) return age >= PLAN_REQUEST_GRACE_MS;
  return observed.planLeaseUntil <= observed.now;
}
