import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { dispatchSwarm, enqueuePlan, enqueueTasks } from '@claude-flow/core/queue/dispatcher';
import type { Queues } from '@claude-flow/core/queue/queues';
import { publishControl } from '@claude-flow/core/relay/control';
import { hasAccount } from '@claude-flow/core/store/admission';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { getSwarm, retireSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { getTask, listTasks } from '@claude-flow/core/store/task-reads';
import { reclaimTask, requeueTask } from '@claude-flow/core/store/tasks';
import type { Finding } from './judge-swarm.ts';
import { planRound } from './plan-round.ts';

export interface RepairDeps {
  ledger: Ledger;
  queues: Queues;
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
    case 'lease-expired': {
      const { id: taskId, token = '' } = finding.task;
      const outcome = await reclaimTask(ledger, { swarmId, taskId, token });
      if (outcome === undefined) return false;
      await dispatchSwarm(deps, swarmId);
      return true;
    }
    case 'never-queued':
      // With an account it is looked after when admission is reconciled; most of these just wait for their turn.
      if (await hasAccount(ledger, swarmId)) return false;
      return (await dispatchSwarm(deps, swarmId)) > 0;
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
      const again = await requeueTask(ledger, { swarmId, taskId, attempt });
      if (again === undefined) return false;
      await enqueueTasks(queues, [again]);
      return true;
    }
    case 'deadline-passed':
      if (!(await endOverdue(ledger, swarmId))) return false;
      await dispatchSwarm(deps, swarmId);
      return true;
    case 'plan-lost':
      await enqueuePlan(queues, swarmId, planRound(now));
      return true;
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

async function endOverdue(ledger: Ledger, swarmId: string): Promise<boolean> {
  const swarm = await getSwarm(ledger, swarmId);
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
  if ((await getSwarm(ledger, swarmId)) === undefined) return true;
  await redis.zadd(keys.activeSwarms, score, swarmId);
  return false;
}
