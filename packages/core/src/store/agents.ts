import { type AgentRecord, parseAgent } from '../domain/agent.ts';
import { agentId } from '../domain/ids.ts';
import { oneLine } from '../domain/one-line.ts';
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
  const args = { type: agent.type, name: oneLine(agent.name ?? ''), capabilities, requestKey };
  const [, id, text, own] = await transition(ledger, 'spawn-agent', { swarmId }, args);
  return withCapabilities(parseAgent(String(id), String(text), true), String(own));
}

/**
 * Ends an agent; its task is handed back, to be dispatched again. Terminating a terminated one is fine.
 * @throws ClaudeFlowError `swarm_not_found`, `agent_not_found`
 */
export async function terminateAgent(ledger: Ledger, swarmId: string, agentId: string): Promise<AgentRecord> {
  const [, id, text] = await transition(ledger, 'terminate-agent', { swarmId }, { agentId });
  const capabilities = await ledger.redis.hget(ledger.keys.swarm(swarmId, 'capabilities'), agentId);
  return withCapabilities(parseAgent(String(id), String(text), false), capabilities);
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

/** An agent with what its spawn request said it can do. */
export async function getAgent(
  ledger: Ledger,
  swarmId: string,
  agentId: string,
): Promise<AgentRecord | undefined> {
  const [agent, capabilities] = await Promise.all([
    getAgentAtWork(ledger, swarmId, agentId),
    ledger.redis.hget(ledger.keys.swarm(swarmId, 'capabilities'), agentId),
  ]);
  return agent === undefined ? undefined : withCapabilities(agent, capabilities);
}

/** An agent without its capabilities: for those who run its tasks. */
export async function getAgentAtWork(
  ledger: Ledger,
  swarmId: string,
  agentId: string,
): Promise<AgentRecord | undefined> {
  // In this order: whoever is terminated in between is found twice, not never.
  const [living, terminated] = await Promise.all([
    ledger.redis.hget(ledger.keys.swarm(swarmId, 'pool'), agentId),
    ledger.redis.hget(ledger.keys.swarm(swarmId, 'agents'), agentId),
  ]);
  if (terminated !== null) return parseAgent(agentId, terminated, false);
  return living === null ? undefined : parseAgent(agentId, living, true);
}

/** All agents that the swarm ever had, oldest first. */
export async function listAgents(ledger: Ledger, swarmId: string): Promise<AgentRecord[]> {
  const [living, terminated, capabilities] = await Promise.all([
    ledger.redis.hgetall(ledger.keys.swarm(swarmId, 'pool')),
    ledger.redis.hgetall(ledger.keys.swarm(swarmId, 'agents')),
    ledger.redis.hgetall(ledger.keys.swarm(swarmId, 'capabilities')),
  ]);
  return agentsOf(living, terminated).map((agent) => withCapabilities(agent, capabilities[agent.id]));
}

/** Agents that live, without their capabilities: as many as the swarm's `maxAgents` at most. */
export async function listLivingAgents(ledger: Ledger, swarmId: string): Promise<AgentRecord[]> {
  return agentsOf(await ledger.redis.hgetall(ledger.keys.swarm(swarmId, 'pool')), {});
}

/** How many agents a swarm ever had; their numbers go from 1 to this. */
export async function countAgents(ledger: Ledger, swarmId: string): Promise<number> {
  return Number((await ledger.redis.hget(ledger.keys.swarm(swarmId, 'meta'), 'agentSeq')) ?? '0');
}

/** The agents with these numbers, in order. @param from number of the first, from 1 @param count 1 or more */
export async function readAgents(
  ledger: Ledger,
  swarmId: string,
  from: number,
  count: number,
): Promise<AgentRecord[]> {
  const ids = Array.from({ length: count }, (_, at) => agentId(from + at));
  // In this order: whoever is terminated in between is found twice, not never.
  const [living, terminated, capabilities] = await Promise.all([
    ledger.redis.hmget(ledger.keys.swarm(swarmId, 'pool'), ...ids),
    ledger.redis.hmget(ledger.keys.swarm(swarmId, 'agents'), ...ids),
    ledger.redis.hmget(ledger.keys.swarm(swarmId, 'capabilities'), ...ids),
  ]);
  return ids.flatMap((id, at) => {
    const text = terminated[at] ?? living[at];
    if (text === null || text === undefined) return [];
    return [withCapabilities(parseAgent(id, text, terminated[at] === null), capabilities[at])];
  });
}

/** @param capabilities JSON; none, or an empty text, leaves the agent as it is */
function withCapabilities(agent: AgentRecord, capabilities: string | null | undefined): AgentRecord {
  return capabilities ? { ...agent, capabilities } : agent;
}

/** @param living the hash `pool` @param terminated the hash `agents`, read no earlier */
export function agentsOf(
  living: Readonly<Record<string, string>>,
  terminated: Readonly<Record<string, string>>,
): AgentRecord[] {
  const ids = [...new Set([...Object.keys(living), ...Object.keys(terminated)])];
  return ids
    .map((id) => parseAgent(id, terminated[id] ?? living[id] ?? '', terminated[id] === undefined))
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
}
