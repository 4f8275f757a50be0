import type { AgentType, CommandAnswer } from './types.ts';

export type AgentStatus = 'idle' | 'busy' | 'terminated';

export interface NewAgent {
  type: AgentType;
  /** 3 to 50 letters, digits, spaces, dots, dashes, underscores; left out: its type and a number. */
  name?: string;
  /** Merged over those of its type. */
  capabilities?: Record<string, unknown>;
}

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

export interface AgentsAnswer {
  swarmId: string;
  agents: AgentInfo[];
  count: number;
  /** Of a page: give it as `cursor` for the next one. Null in an answer that is whole. */
  nextCursor: string | null;
}

export interface AgentAnswer {
  swarmId: string;
  agent: AgentInfo;
}

/** `status` is that of the agent. */
export interface AgentCommandAnswer extends CommandAnswer<AgentInfo> {
  agentId: string;
  status: AgentStatus;
}
