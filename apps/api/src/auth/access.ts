import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { isAgentId, isSwarmId, isTaskId } from '@claude-flow/core/domain/ids';
import type { SwarmRecord, SwarmState } from '@claude-flow/core/domain/task';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { getSwarm, getSwarmState } from '@claude-flow/core/store/swarms';
import type { Principal } from './principal.ts';

/**
 * A swarm of this caller, without what its creator wrote, which can be large. Another owner's does not exist for them.
 * @throws ClaudeFlowError `swarm_not_found`
 */
export function ownSwarm(ledger: Ledger, principal: Principal, swarmId: string): Promise<SwarmState> {
  return own(principal, swarmId, () => getSwarmState(ledger, swarmId));
}

/** The same with all that is shown of it. */
export function ownWholeSwarm(ledger: Ledger, principal: Principal, swarmId: string): Promise<SwarmRecord> {
  return own(principal, swarmId, () => getSwarm(ledger, swarmId));
}

async function own<Swarm extends SwarmState>(
  principal: Principal,
  swarmId: string,
  read: () => Promise<Swarm | undefined>,
): Promise<Swarm> {
  const swarm = isSwarmId(swarmId) ? await read() : undefined;
  if (swarm === undefined || !(principal.seesAll || swarm.owner === principal.owner)) {
    throw swarmNotFound(swarmId);
  }
  return swarm;
}

export function swarmNotFound(swarmId: string): ClaudeFlowError {
  return new ClaudeFlowError('swarm_not_found', `There is no swarm with the id "${cutText(swarmId, 60)}".`);
}

/** @throws ClaudeFlowError `task_not_found` for a text that is no task's id */
export function checkedTaskId(taskId: string): string {
  if (isTaskId(taskId)) return taskId;
  throw taskNotFound(taskId);
}

export function taskNotFound(taskId: string): ClaudeFlowError {
  return new ClaudeFlowError(
    'task_not_found',
    `This swarm has no task with the id "${cutText(taskId, 60)}".`,
  );
}

/** @throws ClaudeFlowError `agent_not_found` for a text that is no agent's id */
export function checkedAgentId(agentId: string): string {
  if (isAgentId(agentId)) return agentId;
  throw agentNotFound(agentId);
}

export function agentNotFound(agentId: string): ClaudeFlowError {
  return new ClaudeFlowError(
    'agent_not_found',
    `This swarm has no agent with the id "${cutText(agentId, 60)}".`,
  );
}
