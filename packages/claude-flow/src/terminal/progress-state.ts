/** As far as a spectator tells them apart. */
export type TaskPhase =
  | 'waiting'
  | 'assigned'
  | 'running'
  | 'retrying'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'skipped';

export interface Spent {
  /** Input, output and cached ones. */
  tokens: number;
  costUsd: number;
}

export interface TaskProgress extends Spent {
  id: string;
  name: string;
  phase: TaskPhase;
  agentType: string;
  /** Ids of the tasks whose results it needs. */
  dependencies: readonly string[];
  /** Name of the agent at work. */
  agent?: string;
  workerId?: string;
  attempt: number;
  /** Milliseconds since 1970, by the server's clock; of the present attempt. */
  startedAt?: number;
  endedAt?: number;
  /** What it is doing, or why it failed. */
  note?: string;
}

export interface SwarmProgress {
  swarmId: string;
  objective: string;
  /** `planning`, `planned`, `executing`, `paused`, `completed`, `failed`, `stopped`. */
  status: string;
  plan?: { source: string; degraded: boolean; reason: string; totalTasks: number };
  /** By id, in the order of creation. */
  tasks: Readonly<Record<string, TaskProgress>>;
  /** Agents' names by id. */
  agents: Readonly<Record<string, string>>;
  files: number;
  createdAt?: number;
  endedAt?: number;
  /** Why it failed, in a sentence. */
  message?: string;
}

export const emptyProgress: SwarmProgress = {
  swarmId: '',
  objective: '',
  status: 'planning',
  tasks: {},
  agents: {},
  files: 0,
};

export function isEnded(phase: TaskPhase): boolean {
  return phase === 'completed' || phase === 'failed' || phase === 'cancelled' || phase === 'skipped';
}

/** What all tasks have spent; making the plan is not among it. */
export function totalSpent(state: SwarmProgress): Spent {
  return Object.values(state.tasks).reduce<Spent>(
    (sum, task) => ({ tokens: sum.tokens + task.tokens, costUsd: sum.costUsd + task.costUsd }),
    { tokens: 0, costUsd: 0 },
  );
}
