import type { CallerTask } from '../contracts/caller-task.ts';
import type { StoredPlan } from '../contracts/plan.ts';
import { atOnce, type Steps } from '../domain/at-once.ts';
import type { TaskId } from '../domain/ids.ts';
import { type EarlyTask, joinAdded } from '../domain/join-added.ts';
import { callerTasksToTasks, type TaskDefaults } from '../domain/plan-to-tasks.ts';
import { isTerminalTask, type SwarmEndReason, type SwarmStatus } from '../domain/states.ts';
import { freshState, parseTaskState, type TaskSpec, type Usage } from '../domain/task.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import type { ScriptArgs } from '../redis/scripts.ts';
import { inSlices } from '../runtime/in-slices.ts';
import { PLAN_LEASE_MS } from '../runtime/tunables.ts';
import { type Ledger, transition, write } from './ledger.ts';

/**
 * Takes, or renews, the making of a swarm's plan for a while, so that the planning model is paid once; for 0 ms: gives it back.
 * @param wish.trouble what keeps it from being made at present, in a sentence: told to whoever reads the swarm
 * @returns `taken`; `busy` when another scheduler is at it; `over` when there is nothing to plan any more
 */
export async function claimPlan(
  ledger: Ledger,
  swarmId: string,
  token: string,
  { leaseMs = PLAN_LEASE_MS, trouble = '' }: { leaseMs?: number; trouble?: string } = {},
): Promise<'taken' | 'busy' | 'over'> {
  const [outcome, state] = await ledger.scripts.run(
    ledger.redis,
    'claim-plan',
    { swarmId },
    { token, leaseMs, graceMs: PLAN_LEASE_MS, trouble },
  );
  if (outcome === OUTCOME.ok) return 'taken';
  if (outcome === OUTCOME.fenced) return 'busy';
  if (outcome === OUTCOME.swarmState || outcome === OUTCOME.swarmNotFound) return 'over';
  throw outcomeError(outcome, state);
}

/**
 * Stores the graph of tasks and, when a start was remembered, starts the swarm. Repeating it with the same token is fine. Tasks
 * that were added meanwhile keep their ids, and the plan's come after them (`joinAdded`).
 * @returns the swarm's status afterwards: `ready`, or `executing`
 * @throws ClaudeFlowError `fenced` (another scheduler has the plan), `swarm_state_conflict`, `swarm_not_found`
 */
export async function storePlan(
  ledger: Ledger,
  swarmId: string,
  token: string,
  plan: StoredPlan,
): Promise<SwarmStatus> {
  let seq = 0;
  let added: EarlyTask[] = [];
  for (;;) {
    const { tasks, awaited } = joinAdded(plan, added);
    const { plan: whole, each } = atOnce(planArgs({ ...plan, tasks }));
    const args = { token, plan: whole, seq, awaited: JSON.stringify(awaited) };
    const [outcome, status] = await ledger.scripts.run(ledger.redis, 'store-plan', { swarmId }, args, each);
    if (outcome === OUTCOME.tasksAdded) {
      // Each round is one that somebody added a task in: they come to an end.
      ({ seq, added } = await readEarlyTasks(ledger, swarmId));
      continue;
    }
    if (outcome < 0) throw outcomeError(outcome, status);
    return status as SwarmStatus;
  }
}

/**
 * Ends a swarm whose plan nobody can make, whatever is tried. Repeating it with the same token is fine.
 * @throws ClaudeFlowError `fenced` (another scheduler has the plan), `swarm_state_conflict`, `swarm_not_found`
 */
export async function failPlan(
  ledger: Ledger,
  swarmId: string,
  token: string,
  end: { reason: Extract<SwarmEndReason, 'model-rejected'>; message: string; usage: Usage },
): Promise<SwarmStatus> {
  const args = { token, ...end, usage: JSON.stringify(end.usage) };
  const [, status] = await transition(ledger, 'fail-plan', { swarmId }, args);
  await write(ledger, ledger.keys.startedSwarms, ['ZREM', swarmId]);
  return status as SwarmStatus;
}

/** What was added before the plan. @returns `seq`: a number of an event after which nothing of it has changed, or the ledger says so */
async function readEarlyTasks(
  { redis, keys }: Ledger,
  swarmId: string,
): Promise<{ seq: number; added: EarlyTask[] }> {
  const key = (name: 'meta' | 'tasks' | 'specs') => keys.swarm(swarmId, name);
  // The number first: what comes in between makes the ledger refuse it.
  const seq = Number(await redis.hget(key('meta'), 'seq'));
  const [states, specs] = await Promise.all([redis.hgetall(key('tasks')), redis.hgetall(key('specs'))]);
  const added = Object.entries(specs).map(([id, json]) => ({
    id,
    dependencies: (JSON.parse(json) as TaskSpec).dependencies,
    open: !isTerminalTask(parseTaskState(states[id] ?? '{}').status),
  }));
  return { seq, added: added.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true })) };
}

/**
 * The tasks of a plan as the scripts take them (EACH): how many dependencies each waits for, the ids of the tasks that wait for it
 * (JSON, or nothing), and the texts of the ledger and of its event `task.created`, made here since it is quicker.
 */
function* plannedTasks(specs: readonly TaskSpec[]): Steps<ScriptArgs[]> {
  const dependents = new Map<TaskId, TaskId[]>();
  for (const { id, dependencies } of specs) {
    yield;
    for (const dependency of new Set(dependencies)) {
      const others = dependents.get(dependency);
      if (others === undefined) dependents.set(dependency, [id]);
      else others.push(id);
    }
  }
  const planned: ScriptArgs[] = [];
  for (const spec of specs) {
    yield;
    const { id, priority, name, type: taskType, agentType } = spec;
    const dependencies = [...new Set(spec.dependencies)];
    const waiting = dependents.get(id);
    const fanOut = waiting !== undefined && waiting.length > 1 ? { fanOut: waiting.length } : {};
    const created = { name, taskType, agentType, priority, dependencies: dependencies.join(',') };
    planned.push({
      id,
      priority,
      waitsFor: dependencies.length,
      state: JSON.stringify({ ...freshState(spec), ...fanOut }),
      spec: JSON.stringify(spec),
      created: JSON.stringify(created),
      dependents: waiting === undefined ? '' : JSON.stringify(waiting),
    });
  }
  return planned;
}

/** A plan as the scripts take it: what is known of the whole, and its tasks. */
export function* planArgs({ tasks, closing: _last, ...whole }: StoredPlan): Steps<{
  plan: string;
  each: ScriptArgs[];
}> {
  return { plan: JSON.stringify(whole), each: yield* plannedTasks(tasks) };
}

/** Whose plan a caller's own graph is. */
export const callerToken = (swarmId: string) => `caller-${swarmId}`;

/** A caller's own graph, checked before, as the plan. */
export async function callerPlan(tasks: readonly CallerTask[], defaults: TaskDefaults): Promise<StoredPlan> {
  return {
    source: 'caller',
    degraded: false,
    summary: `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}, as the caller laid them out`,
    tasks: await inSlices(callerTasksToTasks(tasks, defaults)),
  };
}
