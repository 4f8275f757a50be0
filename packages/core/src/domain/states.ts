/**
 * The states of swarms, tasks and agents, as the ledger names them, and which command may act in which.
 * The Lua scripts enforce the same tables; `docs/architecture.md` shows them.
 */
export const SWARM_STATUSES = [
  'planning',
  'ready',
  'executing',
  'paused',
  'completed',
  'failed',
  'stopped',
] as const;
export type SwarmStatus = (typeof SWARM_STATUSES)[number];

export const TASK_STATUSES = [
  'blocked',
  'ready',
  'queued',
  'running',
  'waiting',
  'retrying',
  'suspended',
  'completed',
  'failed',
  'cancelled',
  'skipped',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const AGENT_STATUSES = ['idle', 'busy', 'terminated'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

const TERMINAL_SWARM: ReadonlySet<SwarmStatus> = new Set(['completed', 'failed', 'stopped']);
const TERMINAL_TASK: ReadonlySet<TaskStatus> = new Set(['completed', 'failed', 'cancelled', 'skipped']);

export function isTerminalSwarm(status: SwarmStatus): boolean {
  return TERMINAL_SWARM.has(status);
}

export function isTerminalTask(status: TaskStatus): boolean {
  return TERMINAL_TASK.has(status);
}

/** Why a swarm ended without completing, in a client's `data.reason`. */
export const SWARM_END_REASONS = [
  'stopped',
  'timeout',
  'task-failed',
  'task-cancelled',
  'budget',
  'model-rejected',
] as const;
export type SwarmEndReason = (typeof SWARM_END_REASONS)[number];

/** What happens to a task's dependants when it fails for good. */
export const FAILURE_POLICIES = ['fail-swarm', 'skip-dependents', 'continue'] as const;
export type FailurePolicy = (typeof FAILURE_POLICIES)[number];
