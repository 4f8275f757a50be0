import type { CallerTask, StoredPlan } from '../contracts/plan.ts';
import { callerTasksToTasks, type TaskDefaults } from '../domain/plan-to-tasks.ts';
import type { SwarmStatus } from '../domain/states.ts';
import { freshState } from '../domain/task.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import { PLAN_LEASE_MS } from '../runtime/tunables.ts';
import { type Ledger, transition } from './ledger.ts';

/**
 * Takes, or renews, the making of a swarm's plan for a while, so that the planning model is paid once.
 * @returns `taken`; `busy` when another scheduler is at it; `over` when there is nothing to plan any more
 */
export async function claimPlan(
  ledger: Ledger,
  swarmId: string,
  token: string,
): Promise<'taken' | 'busy' | 'over'> {
  const [outcome, state] = await ledger.scripts.run(
    ledger.redis,
    'claim-plan',
    { swarmId },
    { token, leaseMs: PLAN_LEASE_MS },
  );
  if (outcome === OUTCOME.ok) return 'taken';
  if (outcome === OUTCOME.fenced) return 'busy';
  if (outcome === OUTCOME.swarmState || outcome === OUTCOME.swarmNotFound) return 'over';
  throw outcomeError(outcome, state);
}

/**
 * Stores the graph of tasks and, when a start was remembered, starts the swarm. Repeating it with the same token is fine.
 * @returns the swarm's status afterwards: `ready`, or `executing`
 * @throws ClaudeFlowError `fenced` (another scheduler has the plan), `swarm_state_conflict`, `swarm_not_found`
 */
export async function storePlan(
  ledger: Ledger,
  swarmId: string,
  token: string,
  plan: StoredPlan,
): Promise<SwarmStatus> {
  const tasks = plan.tasks.map((spec) => {
    const state = freshState(spec);
    return {
      state,
      spec: JSON.stringify(spec),
      name: spec.name,
      taskType: spec.type,
      dependencies: [...new Set(spec.dependencies)],
    };
  });
  const [, status] = await transition(
    ledger,
    'store-plan',
    { swarmId },
    { token, plan: JSON.stringify({ ...plan, tasks }) },
  );
  return status as SwarmStatus;
}

/** Stores a caller's own graph, checked before, as the plan. Errors as for {@link storePlan}. */
export function storeCallerPlan(
  ledger: Ledger,
  swarmId: string,
  token: string,
  tasks: readonly CallerTask[],
  defaults: TaskDefaults,
): Promise<SwarmStatus> {
  return storePlan(ledger, swarmId, token, {
    source: 'caller',
    degraded: false,
    summary: `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}, as the caller laid them out`,
    tasks: callerTasksToTasks(tasks, defaults),
  });
}
