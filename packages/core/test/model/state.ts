import type { ApprovalStatus } from '../../src/domain/approval.ts';
import type { FailurePolicy, SwarmStatus, TaskStatus } from '../../src/domain/states.ts';
import type { AgentType, Priority } from '../../src/domain/vocabulary.ts';

/**
 * What docs/architecture.md says of swarms, tasks and agents, as plain data: no Redis, no clock. Time is three facts that
 * commands change ("the lease has ended", "the retry is due", "the deadline has passed").
 */
export interface ModelTask {
  id: string;
  sequence: number;
  dependencies: string[];
  agentType: AgentType;
  priority: Priority;
  onFailure: FailurePolicy;
  maxRetries: number;
  status: TaskStatus;
  attempt: number;
  failures: number;
  crashes: number;
  /** Of a suspect at work. */
  trial?: 'waiting' | 'apart';
  turns: number;
  /** The tasks that its worker was given with the answer to its completion. */
  handedOver?: string[];
  /** Of the attempt at work, or of the one that ended last without being handed back. */
  token?: string;
  agentId?: string;
  pinnedTo?: string;
  waitingFor?: 'approval' | 'children';
  waitsOn: string[];
  /** The attempt and number of the last wait for the model provider that was noted. */
  modelWait?: string;
  leaseEnded: boolean;
  due: boolean;
  journal: string[];
  /** The file announced last, and by which attempt. */
  announced: string;
  /** Cancelled by a command of its own. */
  withdrawn?: boolean;
  /** The attempt it stood at when a command last had it tried again. */
  retriedAt?: number;
}

export interface ModelAgent {
  id: string;
  type: AgentType;
  status: 'idle' | 'busy' | 'terminated';
  taskId?: string;
  tasksCompleted: number;
  tasksFailed: number;
}

interface ModelApproval {
  taskId: string;
  status: ApprovalStatus;
}

export interface ModelSwarm {
  status: SwarmStatus;
  planned: boolean;
  startRequested: boolean;
  plan?: { token: string; leaseEnded: boolean };
  deadline: 'none' | 'ahead' | 'passed';
  maxAgents: number;
  parallel: boolean;
  /** Tokens it may use; undefined: any number. */
  budget?: number | undefined;
  used: number;
  warned: boolean;
  endedByBudget: boolean;
  /** Nobody could make its plan. */
  planRejected: boolean;
  tasks: Map<string, ModelTask>;
  agents: Map<string, ModelAgent>;
  addedKeys: Map<string, string>;
  approvals: Map<string, ModelApproval>;
}

export interface Model {
  /** Undefined: it was never created, or is deleted. */
  swarm: ModelSwarm | undefined;
  /** Then it does not come back. */
  deleted?: boolean;
  /** What the commands since the last look must have told, as lines of {@link taskLine}. */
  told: string[];
}

export type TaskPlan = Pick<
  ModelTask,
  'dependencies' | 'agentType' | 'priority' | 'onFailure' | 'maxRetries'
>;

/** A command's outcome: what it answers, or the code of its typed error. */
export type Outcome = { answer: unknown } | { error: string };
export const answer = (value: unknown): Outcome => ({ answer: value });
export const refusal = (code: string): Outcome => ({ error: code });

export function newTask(id: string, sequence: number, plan: TaskPlan): ModelTask {
  return {
    ...plan,
    id,
    sequence,
    status: 'blocked',
    attempt: 0,
    failures: 0,
    crashes: 0,
    turns: 0,
    waitsOn: [],
    leaseEnded: false,
    due: false,
    journal: [],
    announced: '',
  };
}

export const isOver = (swarm: ModelSwarm) => ['completed', 'failed', 'stopped'].includes(swarm.status);
export const isOpen = (task: ModelTask) =>
  !['completed', 'failed', 'cancelled', 'skipped'].includes(task.status);
export const living = (swarm: ModelSwarm) =>
  [...swarm.agents.values()].filter((agent) => agent.status !== 'terminated');
/** Does a task that depends on this one wait for it no longer? */
export const isMet = (task: ModelTask) =>
  task.status === 'completed' ||
  (task.onFailure === 'continue' && (task.status === 'failed' || task.withdrawn === true));
/** The order in which ready tasks are taken: highest priority, then the order of the plan. */
export const readyTasks = (swarm: ModelSwarm) =>
  [...swarm.tasks.values()]
    .filter((task) => task.status === 'ready')
    .sort((a, b) => b.priority - a.priority || a.sequence - b.sequence);

export const taskLine = (type: string, taskId: string, attempt: number | undefined) =>
  attempt === undefined || attempt === 0 ? `${type} ${taskId}` : `${type} ${taskId}#${attempt}`;
export const tellTask = (model: Model, type: string, task: ModelTask) =>
  model.told.push(taskLine(type, task.id, task.attempt));
