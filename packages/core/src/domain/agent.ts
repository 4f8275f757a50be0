import type { AgentId, TaskId } from './ids.ts';
import type { AgentStatus } from './states.ts';
import type { AgentType } from './vocabulary.ts';

export interface AgentRecord {
  id: AgentId;
  type: AgentType;
  instance: number;
  name: string;
  status: AgentStatus;
  /** JSON of what the spawn request added; absent for agents that dispatch spawned. */
  capabilities?: string;
  taskId?: TaskId;
  tasksCompleted: number;
  tasksFailed: number;
  busyMs: number;
  spawnedAt: number;
  busySince?: number;
  terminatedAt?: number;
}

/**
 * Reads an agent as the ledger keeps it (`lua/includes/agent.lua`): fields with a bar between them.
 * @param living whether it stands among those that live
 */
export function parseAgent(id: string, text: string, living: boolean): AgentRecord {
  const [type, taskId, busySince, tasksCompleted, tasksFailed, busyMs, name, ...rest] = text.split('|');
  const [instance, spawnedAt, terminatedAt, capabilities] = rest;
  return {
    id: id as AgentId,
    type: type as AgentType,
    instance: Number(instance),
    name: JSON.parse(name ?? '""') as string,
    status: living ? (taskId ? 'busy' : 'idle') : 'terminated',
    ...(capabilities ? { capabilities } : {}),
    ...(taskId ? { taskId: taskId as TaskId } : {}),
    tasksCompleted: Number(tasksCompleted),
    tasksFailed: Number(tasksFailed),
    busyMs: Number(busyMs),
    spawnedAt: Number(spawnedAt),
    ...(busySince ? { busySince: Number(busySince) } : {}),
    ...(terminatedAt ? { terminatedAt: Number(terminatedAt) } : {}),
  };
}
