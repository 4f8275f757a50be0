import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { taskJobId } from '@claude-flow/core/domain/ids';
import { NEVER_STARTED_MS } from '@claude-flow/core/domain/stale';
import { freeDeliveries } from '@claude-flow/core/queue/backlog';
import { dispatchSwarm, enqueuePlan, enqueueTasks } from '@claude-flow/core/queue/dispatcher';
import type { Queues } from '@claude-flow/core/queue/queues';
import { publishControl } from '@claude-flow/core/relay/control';
import { LEASES_COUNT_AFTER_MS, TASK_LEASE_MS } from '@claude-flow/core/runtime/tunables';
import type { Ledger } from '@claude-flow/core/store/ledger';
import {
  expireUnstarted,
  getSwarmState,
  mendSwarm,
  retireSwarm,
  stopSwarm,
} from '@claude-flow/core/store/swarms';
import { getTask, listTasks } from '@claude-flow/core/store/task-reads';
import { reclaimTask, requeueTask } from '@claude-flow/core/store/tasks';
import { listWorkers } from '@claude-flow/core/store/workers';
import type { Finding } from './judge-swarm.ts';
import { planRound } from './plan-round.ts';

export interface RepairDeps {
  ledger: Ledger;
  queues: Queues;
  /** For tests: how long after a break of Redis leases that ended meanwhile do not count, in milliseconds. */
  leasesCountAfterMs?: number;
}

/**
 * Mends one finding through the guarded scripts. What changed since it was observed, or another sweep mended first, is
 * left alone.
 * @param now the ledger's clock at the time of the observation
 * @returns whether anything was changed
 */
export async function repair(
  deps: RepairDeps,
  swarmId: string,
  finding: Finding,
  now: number,
): Promise<boolean> {
  const { ledger, queues } = deps;
  switch (finding.verdict) {
    case 'lease-expired':
    case 'worker-gone': {
      const { id: taskId, token = '' } = finding.task;
      const missed = finding.verdict === 'worker-gone' ? { missedAt: finding.missedAt } : {};
      const graceMs = deps.leasesCountAfterMs ?? LEASES_COUNT_AFTER_MS;
      const outcome = await reclaimTask(ledger, { swarmId, taskId, token, graceMs, ...missed });
      if (outcome === undefined) return false;
      if (finding.verdict === 'lease-expired') await freePlacesOfSilent(deps, finding.task.workerId);
      await dispatchSwarm(deps, swarmId);
      return true;
    }
    case 'never-queued':
    case 'retry-due':
      // Ready tasks may simply wait for a free agent: then nothing is queued, and nothing was wrong.
      return (await dispatchSwarm(deps, swarmId)) > 0;
    case 'job-missing': {
      const { id: taskId, attempt, priority } = finding.task;
      // A job is also gone once its task has been claimed and finished: the task itself must still wait for it.
      const task = (await getTask(ledger, swarmId, taskId))?.state;
      if (task?.status !== 'queued' || task.attempt !== attempt) return false;
      await enqueueTasks(queues, [{ swarmId, taskId, attempt, priority }]);
      return true;
    }
    case 'delivery-lost': {
      const { id: taskId, attempt } = finding.task;
      const job = await queues.task.getJob(taskJobId(swarmId, taskId, attempt));
      const again = await requeueTask(ledger, { swarmId, taskId, attempt });
      if (again === undefined) return false;
      await freePlacesOfSilent(deps, job?.processedBy);
      await enqueueTasks(queues, [again]);
      return true;
    }
    case 'deadline-passed':
      return endOverdue(ledger, swarmId);
    case 'plan-lost':
      await enqueuePlan(deps, swarmId, planRound(now));
      return true;
    case 'never-started':
      return expireUnstarted(ledger, swarmId, NEVER_STARTED_MS, NEVER_STARTED);
    case 'unsettled':
    case 'misplaced':
      return (await mendSwarm(ledger, swarmId)) > 0;
    case 'finished': {
      const tasks = await listTasks(ledger, swarmId);
      const ids = tasks.map((task) => task.spec.id);
      await retireSwarm(ledger, swarmId, ids);
      return true;
    }
    case 'ghost':
      return dropGhost(ledger, swarmId);
    default:
      return finding satisfies never;
  }
}

/**
 * The lease ended, and its worker has not written itself down for as long either: it is gone, and its deliveries with it. The
 * watch does this sooner where it can see the connections.
 */
async function freePlacesOfSilent(
  { ledger, queues }: RepairDeps,
  workerId: string | undefined,
): Promise<void> {
  if (workerId === undefined) return;
  const [seconds] = await ledger.redis.time();
  const entry = (await listWorkers(ledger)).find((worker) => worker.workerId === workerId);
  if (entry !== undefined && entry.lastSeenAt + TASK_LEASE_MS > Number(seconds) * 1000) return;
  await freeDeliveries(queues, workerId);
}

const NEVER_STARTED = `The swarm was ended because nobody started it within ${NEVER_STARTED_MS / 3600_000} hours. Create it again, with autoStart or a start afterwards.`;

async function endOverdue(ledger: Ledger, swarmId: string): Promise<boolean> {
  const swarm = await getSwarmState(ledger, swarmId);
  if (swarm === undefined) return false;
  const seconds = Math.round(swarm.timeoutMs / 1000);
  const message = `The swarm was not done within its timeout of ${seconds} seconds. Create it again with a longer timeout, or with a smaller objective.`;
  try {
    const { changed } = await stopSwarm(ledger, swarmId, { reason: 'timeout', message });
    if (changed) await publishControl(ledger, { type: 'stop', swarmId });
    return changed;
  } catch (error) {
    // It ended by itself in the meantime.
    if (error instanceof ClaudeFlowError && error.code === 'swarm_state_conflict') return false;
    throw error;
  }
}

/** Removed first, then looked for: a creation that was delayed for this long still ends up in the index. */
async function dropGhost(ledger: Ledger, swarmId: string): Promise<boolean> {
  const { redis, keys } = ledger;
  const score = await redis.zscore(keys.activeSwarms, swarmId);
  if (score === null || (await redis.zrem(keys.activeSwarms, swarmId)) === 0) return false;
  if ((await getSwarmState(ledger, swarmId)) === undefined) return true;
  await redis.zadd(keys.activeSwarms, score, swarmId);
  return false;
}
