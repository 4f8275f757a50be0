import type { AgentRecord } from '@claude-flow/core/domain/agent';
import type { SwarmState } from '@claude-flow/core/domain/task';
import type { TaskView as StoredTask } from '@claude-flow/core/store/task-reads';
import { iso } from '../http/time.ts';
import { modelWaitOf } from './waiting-view.ts';

export interface WaitingTask {
  swarm: SwarmState;
  task: StoredTask;
  /** What the task needs. */
  dependencies: readonly StoredTask[];
  agents: readonly AgentRecord[];
}

/** Why nothing happens with a task, in a sentence for people; null when it gets on or has completed. */
export function whyWaiting({ swarm, task, dependencies, agents }: WaitingTask): string | null {
  const { status, errorMessage = 'No reason was given.' } = task.state;
  switch (status) {
    case 'running':
      return modelWaitOf(task.state, Date.now()) ?? whyStuck(task.state.trouble);
    case 'completed':
      return null;
    case 'failed':
      return `It failed: ${errorMessage}`;
    case 'skipped':
    case 'cancelled':
      return task.state.errorMessage ?? 'It was cancelled with its swarm.';
    case 'blocked':
      return waitsFor(dependencies);
    case 'suspended':
      return 'Its swarm is paused; it goes on where it stood when the swarm is resumed.';
    case 'retrying':
      return `It is tried again at ${iso(task.state.retryAt ?? 0)}. The last attempt failed: ${errorMessage}`;
    case 'queued':
      return 'It has an agent and waits for a worker with a free place.';
    case 'waiting':
      return 'It waits for a decision or for tasks of its own.';
    case 'ready':
      return whyReady(swarm, task, agents);
    default:
      return status satisfies never;
  }
}

function whyStuck(trouble: string | undefined): string | null {
  return trouble === undefined ? null : `It runs, and its model is asked again: ${trouble}`;
}

/** More than these would be no sentence. */
const MAX_NAMED = 5;

function waitsFor(dependencies: readonly StoredTask[]): string {
  const open = dependencies.filter(({ state }) => state.status !== 'completed');
  const named = open.slice(0, MAX_NAMED).map(({ spec, state }) => `${spec.id} (${state.status})`);
  const rest = open.length - named.length;
  return `It needs ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''} to complete first.`;
}

function whyReady(swarm: SwarmState, task: StoredTask, agents: readonly AgentRecord[]): string {
  if (swarm.status === 'paused') return 'Its swarm is paused.';
  if (swarm.status !== 'executing') return 'Its swarm has not been started.';
  const busy = agents.filter(({ status }) => status === 'busy');
  const chosen = busy.find(({ id }) => id === task.state.pinnedTo);
  if (chosen !== undefined) return `It is for ${chosen.id}, which is busy with ${chosen.taskId ?? 'a task'}.`;
  if (!swarm.parallel && busy.length > 0) return 'Its swarm does one task at a time.';
  if (busy.length >= swarm.maxAgents) return `All ${swarm.maxAgents} agents of its swarm are busy.`;
  return 'It is given to an agent shortly.';
}
