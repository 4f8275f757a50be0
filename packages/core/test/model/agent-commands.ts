import type { AgentType } from '../../src/domain/vocabulary.ts';
import { handBack } from './ending.ts';
import {
  answer,
  isOpen,
  isOver,
  living,
  type Model,
  type ModelAgent,
  type ModelSwarm,
  type ModelTask,
  type Outcome,
  readyTasks,
  refusal,
  tellTask,
} from './state.ts';

const NO_SWARM = refusal('swarm_not_found');

function addAgent(model: Model, swarm: ModelSwarm, type: AgentType): ModelAgent {
  const id = `agent_${String(swarm.agents.size + 1).padStart(3, '0')}`;
  const agent: ModelAgent = { id, type, status: 'idle', tasksCompleted: 0, tasksFailed: 0 };
  swarm.agents.set(id, agent);
  model.told.push(`agent.spawned ${id}`);
  return agent;
}

function endAgent(model: Model, agent: ModelAgent): void {
  agent.status = 'terminated';
  delete agent.taskId;
  model.told.push(`agent.terminated ${agent.id}`);
}

export function spawn(model: Model, type: AgentType): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  if (isOver(swarm)) return refusal('swarm_state_conflict');
  if (living(swarm).length >= swarm.maxAgents) return refusal('limit_exceeded');
  return answer(addAgent(model, swarm, type).id);
}

export function terminate(model: Model, agentId: string): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const agent = swarm.agents.get(agentId);
  if (agent === undefined) return refusal('agent_not_found');
  if (agent.status === 'terminated') return answer('terminated');
  const task = agent.taskId === undefined ? undefined : swarm.tasks.get(agent.taskId);
  if (task !== undefined) {
    handBack(swarm, task);
    tellTask(model, task.status === 'suspended' ? 'task.suspended' : 'task.retrying', task);
  }
  endAgent(model, agent);
  return answer('terminated');
}

export function assign({ swarm }: Model, taskId: string, agentId: string): Outcome {
  if (swarm === undefined) return NO_SWARM;
  if (isOver(swarm)) return refusal('swarm_state_conflict');
  const task = swarm.tasks.get(taskId);
  if (task === undefined) return refusal('task_not_found');
  const agent = swarm.agents.get(agentId);
  if (agent === undefined || agent.status === 'terminated') return refusal('agent_not_found');
  const same = agent.taskId === task.id;
  if (!same && (task.status === 'running' || !isOpen(task))) return refusal('task_state_conflict');
  if (same || task.pinnedTo === agent.id) return answer({ changed: false });
  task.pinnedTo = agent.id;
  if (task.status === 'queued') handBack(swarm, task);
  return answer({ changed: true });
}

/** What the ledger was free to choose in a dispatch, read from its events. */
export interface Choices {
  agentOf(taskId: string, attempt: number): string | undefined;
  /** Whom the ledger ended so that this agent could be spawned. */
  endedFor(agentId: string): string | undefined;
}

/** The agent a task gets. Throws a sentence when the ledger chose one that it may not have. */
function agentFor(model: Model, swarm: ModelSwarm, task: ModelTask, choices: Choices): ModelAgent {
  const chosen = choices.agentOf(task.id, task.attempt + 1) ?? 'nobody';
  const idle = living(swarm).filter((agent) => agent.status === 'idle');
  const may = (allowed: ModelAgent[], why: string): ModelAgent => {
    const agent = allowed.find((one) => one.id === chosen);
    if (agent !== undefined) return agent;
    const names = allowed.map((one) => one.id).join(', ');
    throw new Error(`${task.id} went to ${chosen}, though it should have gone to ${names} (${why})`);
  };
  const pinned = idle.filter((agent) => agent.id === task.pinnedTo);
  if (pinned.length > 0) return may(pinned, 'assigned by a command');
  delete task.pinnedTo;
  const able = idle.filter((agent) => agent.type === task.agentType);
  if (able.length > 0) return may(able, 'idle and of the type');
  if (living(swarm).length >= swarm.maxAgents) {
    const ended = idle.find((agent) => agent.id === choices.endedFor(chosen));
    if (ended === undefined) throw new Error(`no idle agent made room for ${chosen}`);
    endAgent(model, ended);
  }
  return may([addAgent(model, swarm, task.agentType)], 'new');
}

export function dispatch(model: Model, limit: number, choices: Choices): Outcome {
  const { swarm } = model;
  if (swarm?.status !== 'executing') return answer([]);
  for (const task of swarm.tasks.values())
    if (task.status === 'retrying' && task.due) {
      task.status = 'ready';
      task.due = false;
    }
  return answer(giveOut(model, swarm, limit, choices).map(lineOf));
}

export const lineOf = (task: ModelTask) => `${task.id}#${task.attempt}`;

/** Gives up to so many ready tasks an agent each. @returns them, in the order in which they were taken */
export function giveOut(model: Model, swarm: ModelSwarm, limit: number, choices: Choices): ModelTask[] {
  const busy = () => living(swarm).filter((agent) => agent.status === 'busy').length;
  const most = Math.min(limit, (swarm.parallel ? swarm.maxAgents : 1) - busy());
  const queued: ModelTask[] = [];
  for (const task of readyTasks(swarm)) {
    if (queued.length >= most) break;
    if (swarm.agents.get(task.pinnedTo ?? '')?.status === 'busy') continue;
    const agent = agentFor(model, swarm, task, choices);
    agent.status = 'busy';
    agent.taskId = task.id;
    task.status = 'queued';
    task.attempt += 1;
    task.agentId = agent.id;
    delete task.token;
    tellTask(model, 'task.assigned', task);
    queued.push(task);
  }
  return queued;
}
