import { taskView } from '@claude-flow/api/views/task-view';
import { defaultPermissions } from '@claude-flow/core/domain/default-permissions';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import {
  type AgentType,
  PERMISSIONS,
  PRIORITIES,
  priorityNumber,
  type TaskType,
} from '@claude-flow/core/domain/vocabulary';
import { addTask as writeTask } from '@claude-flow/core/store/add-task';
import { listAgents } from '@claude-flow/core/store/agents';
import { getSwarm } from '@claude-flow/core/store/swarms';
import { getTask } from '@claude-flow/core/store/task-reads';
import type { TaskInfo } from '../client/index.ts';
import { chooseAgentType } from './choose-agent-type.ts';
import type { Engine } from './engine.ts';
import { untilTrue } from './until.ts';
import type { TaskWish } from './wishes.ts';

/** A plan is made within seconds by a template, within a minute or two by a model. */
const PLAN_WAIT_MS = 180_000;

const WORD = /^[a-z][a-z0-9-]{0,63}$/;

/** Adds a task as POST /api/swarm/{id}/tasks would; while the swarm is being planned, after that. */
export async function addTask(engine: Engine, swarmId: string, wish: TaskWish): Promise<TaskInfo> {
  const { deps } = engine.api;
  const { ledger } = deps;
  check(wish);
  await planned(engine, swarmId);
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

async function planned({ api: { deps } }: Engine, swarmId: string): Promise<void> {
  const look = async () => {
    const swarm = await getSwarm(deps.ledger, swarmId);
    if (swarm === undefined) {
      throw new ClaudeFlowError(
        'swarm_not_found',
        `There is no swarm with the id "${swarmId.slice(0, 60)}".`,
      );
    }
    return swarm.planned || isTerminalSwarm(swarm.status);
  };
  await untilTrue(look, PLAN_WAIT_MS, `Swarm ${swarmId} has no plan yet; tasks can be added afterwards.`);
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
