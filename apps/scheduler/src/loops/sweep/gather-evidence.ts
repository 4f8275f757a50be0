import { taskJobId } from '@claude-flow/core/domain/ids';
import { DELIVERY_GRACE_MS, ENQUEUE_GRACE_MS, type StaleObservation } from '@claude-flow/core/domain/stale';
import type { TaskState } from '@claude-flow/core/domain/task';
import { taskJobState } from '@claude-flow/core/queue/backlog';
import { waitsForTurn } from '@claude-flow/core/queue/dispatcher';
import type { Queues } from '@claude-flow/core/queue/queues';
import { queueKey } from '@claude-flow/core/redis/keys';
import { JOB_LOCK_MS } from '@claude-flow/core/runtime/tunables';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { observeSwarm } from '@claude-flow/core/store/observations';
import type { SwarmEvidence } from './judge-swarm.ts';
import { planRound } from './plan-round.ts';

export interface EvidenceDeps {
  ledger: Ledger;
  queues: Queues;
}

/** Reads what is needed to judge one swarm; bounded, whatever the swarm's size. */
export async function gatherEvidence(deps: EvidenceDeps, swarmId: string): Promise<SwarmEvidence> {
  const { ledger } = deps;
  const [observed, score] = await Promise.all([
    observeSwarm(ledger, swarmId, ENQUEUE_GRACE_MS),
    ledger.redis.zscore(ledger.keys.activeSwarms, swarmId),
  ]);
  const jobs: [string, NonNullable<StaleObservation['job']>][] = await Promise.all(
    observed.queued.map(async (task) => [task.id, await jobOf(deps, swarmId, task)]),
  );
  const planWaiting =
    observed.status === 'planning' ? await planRequestWaits(deps.queues, swarmId, observed.now) : false;
  const wantsTurn = observed.readyCount > 0 || observed.dueRetries > 0;
  return {
    waitsForTurn: wantsTurn && (await waitsForTurn(deps, swarmId)),
    observed,
    jobs: new Map(jobs),
    planWaiting,
    ...(score === null ? {} : { indexedAt: Number(score) }),
  };
}

/**
 * A job that reached a worker only just now counts as waiting: its claim is on the way. Its lock tells since when, by Redis's
 * clock; what the job itself says is by its worker's, which may be wrong.
 */
async function jobOf(
  { ledger, queues }: EvidenceDeps,
  swarmId: string,
  task: TaskState,
): Promise<NonNullable<StaleObservation['job']>> {
  const state = await taskJobState(queues, { swarmId, taskId: task.id, attempt: task.attempt });
  if (state !== 'active') return state;
  const jobId = taskJobId(swarmId, task.id, task.attempt);
  const leftMs = await ledger.redis.pttl(queueKey(ledger.keys.queuePrefix, 'jobLock', jobId));
  const lockedForMs = leftMs < 0 ? Number.POSITIVE_INFINITY : JOB_LOCK_MS - leftMs;
  return lockedForMs < DELIVERY_GRACE_MS ? 'waiting' : 'active';
}

/** All planners may be busy: then the request is late, not lost, and another would only lengthen the queue. */
async function planRequestWaits(queues: Queues, swarmId: string, now: number): Promise<boolean> {
  const rounds = ['first', planRound(now), planRound(now, -1)];
  const states = await Promise.all(
    rounds.map((round) => queues.plan.getJobState(`${swarmId}.plan.${round}`)),
  );
  return states.some((state) => state === 'waiting' || state === 'prioritized' || state === 'delayed');
}
