import { taskId } from '../../src/domain/ids.ts';
import { handBack, stopAll } from './ending.ts';
import {
  answer,
  isOpen,
  isOver,
  type Model,
  type ModelSwarm,
  newTask,
  type Outcome,
  refusal,
  type TaskPlan,
} from './state.ts';

const NO_SWARM = refusal('swarm_not_found');
const CONFLICT = refusal('swarm_state_conflict');

export function create(
  model: Model,
  options: Pick<ModelSwarm, 'maxAgents' | 'parallel' | 'budget'>,
): Outcome {
  if (model.swarm !== undefined) return answer({ created: false });
  if (model.deleted) return NO_SWARM;
  model.swarm = {
    ...options,
    status: 'planning',
    planned: false,
    startRequested: false,
    deadline: 'none',
    used: 0,
    warned: false,
    endedByBudget: false,
    planRejected: false,
    tasks: new Map(),
    agents: new Map(),
    addedKeys: new Map(),
    approvals: new Map(),
  };
  model.told.push('swarm.created');
  return answer({ created: true });
}

export function claimPlan({ swarm }: Model, token: string): Outcome {
  if (swarm?.status !== 'planning') return answer('over');
  if (swarm.plan !== undefined && swarm.plan.token !== token && !swarm.plan.leaseEnded) return answer('busy');
  swarm.plan = { token, leaseEnded: false };
  return answer('taken');
}

/** A paid call: the budget is warned of once, and ends the swarm when it is used up. */
export function spend(model: Model, swarm: ModelSwarm, tokens: number): void {
  swarm.used += tokens;
  if (swarm.budget === undefined) return;
  if (swarm.used >= swarm.budget) {
    swarm.endedByBudget = true;
    stopAll(model, swarm, 'failed');
  } else if (swarm.used >= 0.8 * swarm.budget && !swarm.warned) {
    swarm.warned = true;
    model.told.push('budget.warning');
  }
}

/** The tasks that were added while the plan was made and that no other of them waits for, unless they were taken out again. */
function lastOnes(swarm: ModelSwarm): string[] {
  const open = [...swarm.tasks.values()].filter(isOpen);
  const needed = new Set(open.flatMap(({ dependencies }) => dependencies));
  return open.map(({ id }) => id).filter((id) => !needed.has(id));
}

/** @param paid tokens that making it cost @param closes its last task waits for what was added meanwhile */
export function storePlan(
  model: Model,
  token: string,
  tasks: readonly TaskPlan[],
  paid: number,
  closes: boolean,
): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  if (swarm.planned && swarm.plan?.token === token) return answer(swarm.status);
  if (swarm.status !== 'planning') return CONFLICT;
  if (swarm.plan !== undefined && swarm.plan.token !== token) return refusal('fenced');
  spend(model, swarm, paid);
  if (isOver(swarm)) return answer(swarm.status);
  swarm.planned = true;
  swarm.plan = { token, leaseEnded: false };
  model.told.push('swarm.planned');
  const before = swarm.tasks.size;
  const awaited = closes ? lastOnes(swarm) : [];
  const behind = (id: string) => taskId(Number(id.slice('task_'.length)) + before);
  tasks.forEach((plan, index) => {
    const number = before + index + 1;
    const dependencies = plan.dependencies.map(behind);
    if (index === tasks.length - 1) dependencies.unshift(...awaited);
    const task = newTask(taskId(number), number, { ...plan, dependencies });
    if (task.dependencies.length === 0) task.status = 'ready';
    swarm.tasks.set(task.id, task);
    model.told.push(`task.created ${task.id}`);
  });
  swarm.status = swarm.startRequested ? 'executing' : 'ready';
  if (swarm.startRequested) model.told.push('swarm.started');
  return answer(swarm.status);
}

/** @param paid tokens that the attempt to make it cost */
export function failPlan(model: Model, token: string, paid: number): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  if (swarm.status === 'failed' && !swarm.planned && swarm.planRejected && swarm.plan?.token === token)
    return answer(swarm.status);
  if (swarm.status !== 'planning') return CONFLICT;
  if (swarm.plan !== undefined && swarm.plan.token !== token) return refusal('fenced');
  swarm.plan = { token, leaseEnded: false };
  spend(model, swarm, paid);
  if (!isOver(swarm)) {
    swarm.planRejected = true;
    stopAll(model, swarm, 'failed');
  }
  return answer(swarm.status);
}

export function start(model: Model): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  if (swarm.status === 'planning' && !swarm.startRequested) {
    swarm.startRequested = true;
    swarm.deadline = 'ahead';
    return answer('planning');
  }
  if (swarm.status !== 'ready') return CONFLICT;
  swarm.status = 'executing';
  swarm.deadline = 'ahead';
  model.told.push('swarm.started');
  return answer('executing');
}

export function pause(model: Model): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  if (swarm.status === 'paused') return answer({ changed: false });
  if (swarm.status !== 'executing') return CONFLICT;
  for (const task of swarm.tasks.values()) if (task.status === 'queued') handBack(swarm, task);
  swarm.status = 'paused';
  model.told.push('swarm.paused');
  return answer({ changed: true });
}

export function resume(model: Model): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  if (swarm.status === 'executing') return answer({ changed: false });
  if (swarm.status !== 'paused') return CONFLICT;
  for (const task of swarm.tasks.values()) if (task.status === 'suspended') task.status = 'ready';
  swarm.status = 'executing';
  model.told.push('swarm.resumed');
  return answer({ changed: true });
}

export function stop(model: Model, reason: 'stopped' | 'timeout'): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  if (swarm.status === 'stopped') return answer({ status: 'stopped', changed: false });
  if (isOver(swarm)) return CONFLICT;
  if (reason === 'timeout' && (swarm.status === 'paused' || swarm.deadline !== 'passed')) return CONFLICT;
  stopAll(model, swarm, reason === 'timeout' ? 'failed' : 'stopped');
  return answer({ status: swarm.status, changed: true });
}

export function remove(model: Model): Outcome {
  if (model.swarm !== undefined) model.deleted = true;
  model.swarm = undefined;
  return answer(undefined);
}
