import { classifySwarm, classifyTask, type StaleObservation } from '@claude-flow/core/domain/stale';
import type { TaskState } from '@claude-flow/core/domain/task';
import type { SwarmObservation } from '@claude-flow/core/store/observations';

/** Something about a swarm that does not mend itself, by the name that the metric and the log give it. */
export type Finding =
  | { verdict: 'lease-expired' | 'job-missing' | 'delivery-lost'; task: TaskState }
  | { verdict: 'worker-gone'; task: TaskState; missedAt: number }
  | {
      verdict:
        | 'never-queued'
        | 'retry-due'
        | 'deadline-passed'
        | 'plan-lost'
        | 'never-started'
        | 'unsettled'
        | 'misplaced'
        | 'finished'
        | 'ghost';
    };

export interface SwarmEvidence {
  observed: SwarmObservation;
  /** State of the job of each task in `observed.queued`, by task id. */
  jobs: ReadonlyMap<string, NonNullable<StaleObservation['job']>>;
  /** When the swarm was put into the index of active ones (milliseconds since 1970). */
  indexedAt?: number;
  /** A request for the plan still waits in its queue. */
  planWaiting: boolean;
  /** It waits for its turn among all owners: whoever has room for it sends its ready tasks on. */
  waitsForTurn: boolean;
}

/** Pure: what has to be repaired, most important first. What concerns the swarm as a whole stands alone. */
export function judgeSwarm(evidence: SwarmEvidence): Finding[] {
  const { observed, jobs, indexedAt, planWaiting, waitsForTurn } = evidence;
  const { now, status } = observed;
  const facts = { ...observed, planWaiting, ...(indexedAt === undefined ? {} : { indexedAt }) };
  const verdict = classifySwarm(facts, now);
  if (verdict !== 'healthy') return [{ verdict }];
  if (status !== 'executing') return [];

  const findings: Finding[] = [];
  for (const task of [...observed.expired, ...observed.queued]) {
    const job = jobs.get(task.id);
    const verdict = classifyTask(job === undefined ? { task } : { task, job }, now);
    if (verdict === 'lease-expired' || verdict === 'job-missing' || verdict === 'delivery-lost') {
      findings.push({ verdict, task });
    }
  }
  if (waitsForTurn) return findings;
  if (observed.dueRetries > 0) findings.push({ verdict: 'retry-due' });
  if (observed.readyCount > 0) findings.push({ verdict: 'never-queued' });
  return findings;
}
