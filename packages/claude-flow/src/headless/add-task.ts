import { taskView } from '@claude-flow/api/tasks/task-view';
import { defaultPermissions } from '@claude-flow/core/domain/default-permissions';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import {
  type AgentType,
  PERMISSIONS,
  PRIORITIES,
  priorityNumber,
  type TaskType,
} from '@claude-flow/core/domain/vocabulary';
import { addTask as writeTask } from '@claude-flow/core/store/add-task';
import { listAgents } from '@claude-flow/core/store/agents';
import { getTask } from '@claude-flow/core/store/task-reads';
import type { TaskInfo } from '../client/index.ts';
import { chooseAgentType } from './choose-agent-type.ts';
import type { Engine } from './engine.ts';
import type { TaskWish } from './wishes.ts';

const WORD = /^[a-z][a-z0-9-]{0,63}$/;

/** Adds a task as POST /api/swarm/{id}/tasks would. */
export async function addTask(engine: Engine, swarmId: string, wish: TaskWish): Promise<TaskInfo> {
  const { deps } = engine.api;
  const { ledger } = deps;
  check(wish);
  const agents = await listAgents(ledger, swarmId);
  const { requirements = {} } = wish;
  const type = (wish.type ?? 'custom') as TaskType;
  const agentType = (wish.agentType ?? chooseAgentType(wish, agents)) as AgentType;
  const taskId = await writeTask(ledger, swarmId, {
    name: wish.name,
    description: wish.description,
    type,
    agentType,
    priority: priorityNumber(wish.priority ?? 'normal'),
    dependencies: [...(wish.dependencies ?? [])],
    requirements: {
      capabilities: [...(requirements.capabilities ?? [])],
      tools: [...(requirements.tools ?? [])],
      permissions: [...(requirements.permissions ?? defaultPermissions(agentType, type))],
    },
    ...(wish.expectedOutput === undefined ? {} : { expectedOutput: wish.expectedOutput }),
    onFailure: wish.onFailure ?? 'skip-dependents',
    timeoutMs: wish.timeout ?? deps.config.taskDefaults.timeoutMs,
    maxRetries: wish.maxRetries ?? deps.config.taskDefaults.maxRetries,
  });
  const task = await getTask(ledger, swarmId, taskId);
  if (task === undefined) throw new ClaudeFlowError('swarm_not_found', 'The swarm was deleted meanwhile.');
  return taskView(swarmId, task, undefined);
}

function check(wish: TaskWish): void {
  const faults: { field: string; message: string }[] = [];
  const must = (fine: boolean, field: string, message: string) => {
    if (!fine) faults.push({ field, message });
  };
  const text = (value: unknown, max: number) =>
    typeof value === 'string' && value.trim() !== '' && value.length <= max;
  must(text(wish.name, 200), 'name', 'name must have 1 to 200 characters.');
  must(text(wish.description, 4_000), 'description', 'description must have 1 to 4000 characters.');
  for (const field of ['type', 'agentType'] as const) {
    const value = wish[field];
    must(value === undefined || WORD.test(value), field, `${field} takes small letters, digits and hyphens.`);
  }
  must(
    wish.priority === undefined || PRIORITIES.includes(wish.priority),
    'priority',
    `priority must be one of ${PRIORITIES.join(', ')}.`,
  );
  const permissions = wish.requirements?.permissions ?? [];
  must(
    permissions.every((one) => PERMISSIONS.includes(one)),
    'requirements.permissions',
    `permissions are ${PERMISSIONS.join(', ')}.`,
  );
  if (faults.length === 0) return;
  const message = faults.map((fault) => fault.message).join(' ');
  throw new ClaudeFlowError('validation_failed', message, { details: faults });
}
