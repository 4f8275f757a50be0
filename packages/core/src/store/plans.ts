import type { CallerTask, StoredPlan } from '../contracts/plan.ts';
import type { TaskId } from '../domain/ids.ts';
import { callerTasksToTasks, type TaskDefaults } from '../domain/plan-to-tasks.ts';
import type { SwarmStatus } from '../domain/states.ts';
import { freshState, type TaskSpec } from '../domain/task.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import type { ScriptArgs } from '../redis/scripts.ts';
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
  const { plan: whole, each } = planArgs(plan);
  const [, status] = await transition(ledger, 'store-plan', { swarmId }, { token, plan: whole }, each);
  return status as SwarmStatus;
}

/**
 * The tasks of a plan as the scripts take them (EACH): how many dependencies each waits for, the ids of the tasks that wait for it
 * (JSON, or nothing), and the texts of the ledger and of its event `task.created`, made here since it is quicker.
 */
function plannedTasks(specs: readonly TaskSpec[]): ScriptArgs[] {
  const dependents = new Map<TaskId, TaskId[]>();
  for (const { id, dependencies } of specs) {
    for (const dependency of new Set(dependencies)) {
      const others = dependents.get(dependency);
      if (others === undefined) dependents.set(dependency, [id]);
      else others.push(id);
    }
  }
  return specs.map((spec) => {
    const { id, priority, name, type: taskType, agentType } = spec;
    const dependencies = [...new Set(spec.dependencies)];
    const waiting = dependents.get(id);
    const fanOut = waiting !== undefined && waiting.length > 1 ? { fanOut: waiting.length } : {};
    const created = { name, taskType, agentType, priority, dependencies: dependencies.join(',') };
    return {
      id,
      priority,
      waitsFor: dependencies.length,
      state: JSON.stringify({ ...freshState(spec), ...fanOut }),
      spec: JSON.stringify(spec),
      created: JSON.stringify(created),
      dependents: waiting === undefined ? '' : JSON.stringify(waiting),
    };
  });
}

/** A plan as the scripts take it: what is known of the whole, and its tasks. */
export function planArgs({ tasks, ...whole }: StoredPlan): { plan: string; each: ScriptArgs[] } {
  return { plan: JSON.stringify(whole), each: plannedTasks(tasks) };
}

/** Whose plan a caller's own graph is. */
export const callerToken = (swarmId: string) => `caller-${swarmId}`;

/** A caller's own graph, checked before, as the plan. */
export function callerPlan(tasks: readonly CallerTask[], defaults: TaskDefaults): StoredPlan {
  return {
    source: 'caller',
    degraded: false,
    summary: `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}, as the caller laid them out`,
    tasks: callerTasksToTasks(tasks, defaults),
  };
}
