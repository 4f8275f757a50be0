import { wake } from './ending.ts';
import {
  answer,
  isOpen,
  isOver,
  type Model,
  type ModelSwarm,
  type ModelTask,
  type Outcome,
  refusal,
  tellTask,
} from './state.ts';
import type { Claim } from './task-commands.ts';

const NO_SWARM = refusal('swarm_not_found');
const FENCED = refusal('fenced');

/** The task, when the claim may have it wait; or what it is answered. */
function holder(swarm: ModelSwarm, one: Claim, what: 'approval' | 'children'): ModelTask | Outcome {
  const task = swarm.tasks.get(one.taskId);
  if (task?.token !== one.token) return FENCED;
  if (task.status === 'waiting' && task.waitingFor === what) return answer('waiting');
  return task.status === 'running' ? task : FENCED;
}

function startWaiting(
  model: Model,
  swarm: ModelSwarm,
  task: ModelTask,
  waits: Required<Pick<ModelTask, 'waitingFor' | 'waitsOn'>>,
): Outcome {
  const agent = swarm.agents.get(task.agentId ?? '');
  if (agent?.taskId === task.id && agent.status === 'busy') {
    agent.status = 'idle';
    delete agent.taskId;
  }
  Object.assign(task, waits, { status: 'waiting' });
  tellTask(model, 'task.suspended', task);
  return answer('waiting');
}

export function ask(model: Model, one: Claim, ids: readonly string[]): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const task = holder(swarm, one, 'approval');
  if (!('id' in task)) return task;
  const decided = (id: string) => ['approved', 'denied'].includes(swarm.approvals.get(id)?.status ?? '');
  const waitsOn = ids.filter((id) => !decided(id));
  if (waitsOn.length === 0) return answer('running');
  for (const id of waitsOn) {
    swarm.approvals.set(id, { taskId: task.id, status: 'pending' });
    tellTask(model, 'approval.requested', task);
  }
  return startWaiting(model, swarm, task, { waitingFor: 'approval', waitsOn });
}

export function decide(model: Model, id: string, decision: 'approved' | 'denied'): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const approval = swarm.approvals.get(id);
  if (approval === undefined) return refusal('approval_not_found');
  if (approval.status === decision) return answer({ changed: false });
  if (approval.status !== 'pending') return refusal('approval_state_conflict');
  const task = swarm.tasks.get(approval.taskId) as ModelTask;
  approval.status = decision;
  tellTask(model, 'approval.decided', task);
  task.waitsOn = task.waitsOn.filter((other) => other !== id);
  if (task.waitsOn.length === 0) wake(swarm, task);
  return answer({ changed: true });
}

export function wait(model: Model, one: Claim, ids: readonly string[]): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const task = holder(swarm, one, 'children');
  if (!('id' in task)) return task;
  const children = ids.map((id) => swarm.tasks.get(id));
  if (children.includes(undefined)) return refusal('task_not_found');
  const waitsOn = [...new Set(ids)].filter((id) => isOpen(swarm.tasks.get(id) as ModelTask));
  if (waitsOn.length === 0) return answer('running');
  if (waitsOn.some((id) => needs(swarm, id, task.id))) return refusal('task_state_conflict');
  return startWaiting(model, swarm, task, { waitingFor: 'children', waitsOn });
}

/** Can this task end only after that one? Looked for backwards, unlike the ledger does it. */
function needs(swarm: ModelSwarm, id: string, other: string, seen = new Set<string>()): boolean {
  if (id === other) return true;
  const task = swarm.tasks.get(id);
  if (task === undefined || !isOpen(task) || isOver(swarm) || seen.has(id)) return false;
  seen.add(id);
  const before = task.waitingFor === 'children' ? task.waitsOn : [];
  return [...task.dependencies, ...before].some((one) => needs(swarm, one, other, seen));
}
