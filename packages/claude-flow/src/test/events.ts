import type { SwarmEvent } from '../client/types-events.ts';
import { emptyProgress, type SwarmProgress } from '../terminal/progress-state.ts';
import { reduceProgress } from '../terminal/reduce-progress.ts';

export const T0 = Date.UTC(2026, 0, 28, 10, 30);

type Told = Partial<SwarmEvent> & { type: string };

/** Events as the API sends them, numbered; `at` in milliseconds after T0. */
export function eventsOf(...told: Told[]): SwarmEvent[] {
  return told.map((event, index) => ({
    epoch: 1,
    swarmId: 'swarm_1',
    data: {},
    ...event,
    seq: index + 1,
    at: T0 + (event.at ?? 0),
  }));
}

export function progressAfter(...told: Told[]): SwarmProgress {
  return eventsOf(...told).reduce(reduceProgress, emptyProgress);
}

export const created = (objective = 'Build a thing') => ({ type: 'swarm.created', data: { objective } });
export const task = (taskId: string, name: string, dependencies: string[] = []) => ({
  type: 'task.created',
  taskId,
  data: { name, agentType: 'coder', dependencies },
});
export const started = (taskId: string, at: number, workerId = 'worker-1') => ({
  type: 'task.started',
  taskId,
  agentId: 'agent_001',
  attempt: 1,
  at,
  data: { workerId, agentType: 'coder' },
});
export const completed = (taskId: string, at: number, data: Record<string, unknown> = {}) => ({
  type: 'task.completed',
  taskId,
  agentId: 'agent_001',
  at,
  data,
});
