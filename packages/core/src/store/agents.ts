import type { AgentRecord } from '../domain/task.ts';
import type { AgentType } from '../domain/vocabulary.ts';
import { type Ledger, transition } from './ledger.ts';

/**
 * One more agent, idle, for a swarm that has not ended.
 * @param agent.capabilities merged over those of its type
 * @param requestKey the same key spawns one agent, however often it is sent
 * @throws ClaudeFlowError `swarm_not_found`, `swarm_state_conflict`, `limit_exceeded` (maxAgents live already)
 */
export async function spawnAgent(
  ledger: Ledger,
  swarmId: string,
  agent: {
    type: AgentType;
    name?: string | undefined;
    capabilities?: Record<string, unknown> | undefined;
  },
  requestKey = '',
): Promise<AgentRecord> {
  const capabilities = agent.capabilities === undefined ? '' : JSON.stringify(agent.capabilities);
  const args = { type: agent.type, name: agent.name ?? '', capabilities, requestKey };
  const [, json] = await transition(ledger, 'spawn-agent', { swarmId }, args);
  return JSON.parse(String(json)) as AgentRecord;
}

/**
 * Ends an agent; its task is handed back, to be dispatched again. Terminating a terminated one is fine.
 * @throws ClaudeFlowError `swarm_not_found`, `agent_not_found`
 */
export async function terminateAgent(ledger: Ledger, swarmId: string, agentId: string): Promise<AgentRecord> {
  const [, json] = await transition(ledger, 'terminate-agent', { swarmId }, { agentId });
  return JSON.parse(String(json)) as AgentRecord;
}

/**
 * Has one agent do a task, and no other; a busy agent is waited for. A running task cannot be moved.
 * @throws ClaudeFlowError `swarm_not_found`, `task_not_found`, `agent_not_found`, `swarm_state_conflict`,
 *   `task_state_conflict`
 */
export async function assignTask(
  ledger: Ledger,
  swarmId: string,
  taskId: string,
  agentId: string,
): Promise<{ changed: boolean }> {
  const [outcome] = await transition(ledger, 'assign-task', { swarmId }, { taskId, agentId });
  return { changed: outcome === 1 };
}
