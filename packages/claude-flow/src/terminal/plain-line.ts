import type { SwarmEvent } from '../client/types-events.ts';
import type { SwarmProgress, TaskProgress } from './progress-state.ts';
import { totalSpent } from './progress-state.ts';
import { formatCost, formatCount, formatDuration } from './quantities.ts';

function spentBy(task: { tokens: number; costUsd: number }): string {
  return `${formatCount(task.tokens)} tokens, ${formatCost(task.costUsd)}`;
}

function taskNews(task: TaskProgress, before: TaskProgress | undefined): string | undefined {
  const took = formatDuration((task.endedAt ?? 0) - (task.startedAt ?? 0));
  const why = task.note === undefined || task.note === '' ? '' : `: ${task.note}`;
  switch (task.phase) {
    case 'running':
      if (before?.phase !== 'running')
        return `started by ${task.agent ?? task.agentType} on ${task.workerId || 'a worker'}`;
      return task.note === before.note ? undefined : task.note;
    case 'waiting':
      return task.note || undefined;
    case 'completed':
      return `completed in ${took} (${spentBy(task)})`;
    case 'failed':
      return `failed after ${took}${why}`;
    case 'retrying':
      return `will be tried again${why}`;
    case 'cancelled':
    case 'skipped':
      return `${task.phase}${why}`;
    default:
      return undefined;
  }
}

function swarmNews(state: SwarmProgress, event: SwarmEvent): string | undefined {
  const tasks = Object.values(state.tasks);
  switch (event.type) {
    case 'swarm.created':
      return `created: ${state.objective}`;
    case 'swarm.planned': {
      const degraded = state.plan?.degraded
        ? `, the model gave no plan that could be used: ${state.plan.reason ?? ''}`
        : '';
      return `planned: ${Number(event.data['totalTasks'] ?? 0)} tasks (by ${state.plan?.source}${degraded})`;
    }
    case 'swarm.started':
      return 'started';
    case 'swarm.completed':
    case 'swarm.failed':
    case 'swarm.stopped': {
      const done = tasks.filter((task) => task.phase === 'completed').length;
      const why = state.message === undefined ? '' : `: ${state.message}`;
      return `${state.status}${why} (${done}/${tasks.length} tasks, ${spentBy(totalSpent(state))})`;
    }
    default:
      return undefined;
  }
}

/** One line about an event for a log, with the time since the swarm's creation; undefined when it is no news. */
export function plainLine(
  before: SwarmProgress,
  after: SwarmProgress,
  event: SwarmEvent,
): string | undefined {
  const at = formatDuration(event.at - (after.createdAt ?? event.at)).padStart(7);
  const task = event.taskId === undefined ? undefined : after.tasks[event.taskId];
  if (task !== undefined && event.type.startsWith('task.')) {
    const news = taskNews(task, before.tasks[task.id]);
    return news === undefined ? undefined : `${at}  ${task.id}  ${task.name}: ${news}`;
  }
  const news = swarmNews(after, event);
  return news === undefined ? undefined : `${at}  swarm     ${news}`;
}
