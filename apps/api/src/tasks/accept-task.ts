import { defaultPermissions } from '@claude-flow/core/domain/default-permissions';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import type { SwarmState } from '@claude-flow/core/domain/task';
import { AGENT_TYPE_OF_TASK, priorityNumber } from '@claude-flow/core/domain/vocabulary';
import { type AddedTask, addTask } from '@claude-flow/core/store/add-task';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { getTasks } from '@claude-flow/core/store/task-reads';
import type { ApiConfig } from '../config/config.ts';
import { ApiError } from '../http/errors/api-error.ts';
import type { NewTask } from './new-task-schema.ts';

function addedTask(wish: NewTask, defaults: ApiConfig['taskDefaults']): AddedTask {
  const { timeout, maxRetries, priority, requirements, checks: _none, ...rest } = wish;
  const agentType = wish.agentType ?? AGENT_TYPE_OF_TASK[wish.type];
  return {
    ...rest,
    dependencies: [...new Set(wish.dependencies)],
    priority: priorityNumber(priority),
    agentType,
    requirements: {
      ...requirements,
      permissions: requirements.permissions ?? defaultPermissions(agentType, wish.type),
    },
    timeoutMs: timeout ?? defaults.timeoutMs,
    maxRetries: maxRetries ?? defaults.maxRetries,
  };
}

/**
 * Adds a task to a swarm.
 * @returns its id
 * @throws ApiError `validation_failed` naming each dependency that is not there, `swarm_full`; ClaudeFlowError as `addTask`
 */
export async function acceptTask(
  deps: { ledger: Ledger; config: Pick<ApiConfig, 'taskDefaults'> },
  { id: swarmId, planned }: Pick<SwarmState, 'id' | 'planned'>,
  wish: NewTask,
  requestKey: string,
): Promise<string> {
  const { ledger, config } = deps;
  const known = new Set((await getTasks(ledger, swarmId, wish.dependencies)).map(({ spec }) => spec.id));
  const details = wish.dependencies.flatMap((id, index) =>
    known.has(id) ? [] : [{ field: `dependencies.${index}`, message: unknownTask(id, planned) }],
  );
  if (details.length > 0) {
    const message = 'The request is not valid: some dependencies are not tasks of this swarm. See details.';
    throw new ApiError('validation_failed', message, { details });
  }
  try {
    return await addTask(ledger, swarmId, addedTask(wish, config.taskDefaults), requestKey);
  } catch (error) {
    throw asFull(error);
  }
}

function unknownTask(id: string, planned: boolean): string {
  if (planned) return `This swarm has no task ${id}.`;
  return `This swarm has no task ${id} yet: its plan is still being made. Depend on tasks that you have added, or add this one when the swarm is planned (data.planned, event swarm.planned).`;
}

/** The ledger's limits of one swarm are a conflict with its state, not too many requests. */
export function asFull(error: unknown): unknown {
  const full = error instanceof ClaudeFlowError && error.code === 'limit_exceeded';
  return full ? new ApiError('swarm_full', error.message) : error;
}
