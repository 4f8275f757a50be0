import type { AgentRecord } from '@claude-flow/core/domain/agent';
import type { SwarmState } from '@claude-flow/core/domain/task';

/** Four digits are more than any of these measures is worth. */
export function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

export function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** Milliseconds from the start to the end, or until now; 0 before the start. */
export function wallTime(swarm: SwarmState, now: number): number {
  return swarm.startedAt === undefined ? 0 : Math.max(0, (swarm.endedAt ?? now) - swarm.startedAt);
}

/** Milliseconds that an agent has been busy, what it is at included. */
export function busyTime(agent: AgentRecord, now: number): number {
  return agent.busyMs + (agent.busySince === undefined ? 0 : Math.max(0, now - agent.busySince));
}

/** Busy time of all agents / (agents x wall time). Never more than `maxAgents` live at once, however many came and went. */
export function efficiency(swarm: SwarmState, agents: readonly AgentRecord[], now: number): number | null {
  const wallMs = wallTime(swarm, now);
  const places = Math.min(agents.length, swarm.maxAgents);
  if (places === 0 || wallMs <= 0) return null;
  const busyMs = agents.reduce((sum, agent) => sum + busyTime(agent, now), 0);
  return rounded(Math.min(1, busyMs / (places * wallMs)));
}
