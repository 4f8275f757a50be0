import type { SwarmEvent } from '../client/types-events.ts';
import type { SwarmProgress, TaskPhase, TaskProgress } from './progress-state.ts';
import { safeLine } from './safe-text.ts';

type Data = Record<string, unknown>;

/** Foreign text of an event, fit for a terminal. */
const text = (value: unknown): string => (typeof value === 'string' ? safeLine(value) : '');
const amount = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

const TOKENS = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'];
const tokensOf = (data: Data): number => TOKENS.reduce((sum, name) => sum + amount(data[name]), 0);

const SWARM_STATUS: Record<string, string> = {
  'swarm.started': 'executing',
  'swarm.paused': 'paused',
  'swarm.resumed': 'executing',
  'swarm.completed': 'completed',
  'swarm.failed': 'failed',
  'swarm.stopped': 'stopped',
};
const FINAL = new Set(['completed', 'failed', 'stopped']);

function createdTask(id: string, data: Data): TaskProgress {
  const dependencies = Array.isArray(data['dependencies']) ? data['dependencies'] : [];
  return {
    id,
    name: text(data['name']) || id,
    phase: 'waiting',
    agentType: text(data['agentType']),
    dependencies: dependencies.filter((id) => typeof id === 'string').map(safeLine),
    attempt: 0,
    tokens: 0,
    costUsd: 0,
  };
}

/** `write_file, edit_file x3`. */
function toolNote(tools: unknown): string {
  if (!Array.isArray(tools)) return '';
  const counts = new Map<string, number>();
  for (const tool of tools.map(text)) counts.set(tool, (counts.get(tool) ?? 0) + 1);
  return [...counts].map(([tool, count]) => (count === 1 ? tool : `${tool} x${count}`)).join(', ');
}

/** Why a task stands aside; nothing for a mere pause. */
function waitNote(waitingFor: unknown): string {
  if (waitingFor === 'approval') return 'waits for an approval';
  return waitingFor === 'children' ? 'waits for other tasks' : '';
}

/** The task without what belongs to an attempt that is over. */
function between(task: TaskProgress, phase: TaskPhase, note?: string): TaskProgress {
  const { startedAt: _started, endedAt: _ended, note: _note, ...rest } = task;
  return { ...rest, phase, ...(note ? { note } : {}) };
}

function ended(task: TaskProgress, phase: TaskPhase, at: number, note = ''): TaskProgress {
  const { note: _note, ...rest } = task;
  return { ...rest, phase, endedAt: at, ...(note === '' ? {} : { note }) };
}

function reduceTask(task: TaskProgress, event: SwarmEvent, agents: SwarmProgress['agents']): TaskProgress {
  const { data } = event;
  const agent = agents[event.agentId ?? ''] ?? task.agent;
  switch (event.type) {
    case 'task.assigned': {
      const name = text(data['name']) || agent;
      const attempt = event.attempt ?? task.attempt;
      return { ...between(task, 'assigned'), attempt, ...(name === undefined ? {} : { agent: name }) };
    }
    case 'task.started': {
      const workerId = text(data['workerId']);
      const attempt = event.attempt ?? task.attempt;
      const running = { ...between(task, 'running'), attempt, workerId, startedAt: event.at };
      return agent === undefined ? running : { ...running, agent };
    }
    case 'task.progress': {
      const tokens = task.tokens + tokensOf(data);
      const costUsd = task.costUsd + amount(data['costUsd']);
      return {
        ...task,
        tokens,
        costUsd,
        note: toolNote(data['tools']) || patience(data) || (task.note ?? ''),
      };
    }
    case 'task.retrying':
      return between(task, 'retrying', text(data['message']));
    case 'task.suspended':
      return between(task, 'waiting', waitNote(data['waitingFor']));
    // Failed, cancelled or skipped before: it is to be done after all.
    case 'task.retried':
      return between(task, 'waiting');
    case 'task.completed': {
      // Its own totals, which also count what the turns' reports left out.
      const spent = {
        tokens: tokensOf(data) || task.tokens,
        costUsd: amount(data['costUsd']) || task.costUsd,
      };
      return { ...ended(task, 'completed', event.at), ...spent };
    }
    case 'task.failed':
      return ended(task, 'failed', event.at, text(data['message']));
    case 'task.cancelled':
      return ended(task, 'cancelled', event.at, text(data['reason']));
    case 'task.skipped': {
      const failed = text(data['failedDependency']);
      const cancelled = text(data['cancelledDependency']);
      const cause = failed === '' ? cancelled && `${cancelled} was cancelled` : `${failed} failed`;
      return ended(task, 'skipped', event.at, cause);
    }
    default:
      return task;
  }
}

function reduceSwarm(state: SwarmProgress, event: SwarmEvent): SwarmProgress {
  const { data } = event;
  if (event.type === 'swarm.created') {
    const objective = text(data['objective']);
    return { ...state, swarmId: event.swarmId, objective, createdAt: event.at };
  }
  if (event.type === 'swarm.planned') {
    const plan = {
      source: text(data['source']),
      degraded: data['degraded'] === true,
      reason: text(data['degradedReason']),
      totalTasks: amount(data['totalTasks']),
    };
    return { ...state, status: state.status === 'planning' ? 'planned' : state.status, plan };
  }
  const status = SWARM_STATUS[event.type];
  if (status === undefined) return state;
  const message = text(data['message']);
  return {
    ...state,
    status,
    ...(FINAL.has(status) ? { endedAt: event.at } : {}),
    ...(message === '' ? {} : { message }),
  };
}

/** What a spectator knows after one more event. Pure; types that are not known change nothing. */
export function reduceProgress(state: SwarmProgress, event: SwarmEvent): SwarmProgress {
  if (event.type.startsWith('swarm.')) return reduceSwarm(state, event);
  if (event.type === 'artifact.stored') return { ...state, files: state.files + 1 };
  if (event.type === 'agent.spawned' && event.agentId !== undefined) {
    return { ...state, agents: { ...state.agents, [event.agentId]: text(event.data['name']) } };
  }
  if (event.taskId === undefined) return state;
  const known = state.tasks[event.taskId];
  const task =
    event.type === 'task.created'
      ? createdTask(event.taskId, event.data)
      : known && reduceTask(known, event, state.agents);
  if (task === undefined || task === known) return state;
  return { ...state, tasks: { ...state.tasks, [task.id]: task } };
}

/** A task that does nothing for a while says why. */
function patience(data: Record<string, unknown>): string {
  return typeof data['waitingUntil'] === 'number' ? 'the model provider asks for patience' : '';
}
