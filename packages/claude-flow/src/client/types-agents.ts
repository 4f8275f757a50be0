import type { AgentType, CommandAnswer } from './types.ts';

/** `busy` while it has a task; `terminated` for good. */
export type AgentStatus = 'idle' | 'busy' | 'terminated';

/** An agent to be added to a swarm. */
export interface NewAgent {
  type: AgentType;
  /** 3 to 50 letters, digits, spaces, dots, dashes, underscores; left out: its type and a number. */
  name?: string;
  /** Merged over those of its type. */
  capabilities?: Record<string, unknown>;
}

/** An agent. Times are ISO 8601 text. */
export interface AgentInfo {
  id: { id: string; swarmId: string; type: string; instance: number };
  name: string;
  type: string;
  status: AgentStatus;
  capabilities: Record<string, unknown>;
  /** `averageExecutionTime` in milliseconds. */
  metrics: {
    tasksCompleted: number;
    tasksFailed: number;
    successRate: number | null;
    averageExecutionTime: number | null;
  };
  currentTask: string | null;
  spawnedAt: string;
  terminatedAt: string | null;
}

/** Answer of `getAgents`. */
export interface AgentsAnswer {
  swarmId: string;
  agents: AgentInfo[];
  count: number;
  /** Of a page: give it as `cursor` for the next one. Null in an answer that is whole. */
  nextCursor: string | null;
}

/** Answer of `getAgent`. */
export interface AgentAnswer {
  swarmId: string;
  agent: AgentInfo;
}

/** Answer to a command about an agent; `status` is that of the agent. */
export interface AgentCommandAnswer extends CommandAnswer<AgentInfo> {
  agentId: string;
  status: AgentStatus;
}
