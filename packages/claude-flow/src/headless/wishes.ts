import type { CreateSwarmOptions } from '../client/index.ts';

/**
 * What a program asks for when it creates a swarm. `id` names the request: the same one twice creates one swarm.
 */
export interface SwarmWish extends Omit<CreateSwarmOptions, 'strategy' | 'signal' | 'idempotencyKey'> {
  id?: string;
  /** The text of what is to be done. */
  objective: string;
  /** One of the service's, or one that a CustomStrategyManager of this coordinator has registered. */
  strategy?: string;
  [name: string]: unknown;
}

/** What a program asks for when it adds an agent. */
export interface AgentWish {
  /** One of the service's types, or one of your own: it works as a specialist, under its own name. */
  type: string;
  name?: string;
  capabilities?: Record<string, unknown> | readonly string[];
  [name: string]: unknown;
}

/** What a program asks for when it adds a task. */
export interface TaskWish {
  name: string;
  description: string;
  /** Any word of small letters, digits and hyphens; default `custom`. */
  type?: string;
  /** Left out: whoever of the swarm's agents fits the type and the capabilities best. */
  agentType?: string;
  priority?: 'low' | 'normal' | 'high' | 'critical';
  /** Ids of tasks of the same swarm; of added ones only, while it is being planned. */
  dependencies?: readonly string[];
  requirements?: {
    capabilities?: readonly string[];
    tools?: readonly string[];
    /** Left out: read and write. `['read']` for a task that must change nothing. */
    permissions?: readonly ('read' | 'write' | 'execute')[];
  };
  expectedOutput?: string;
  onFailure?: 'fail-swarm' | 'skip-dependents' | 'continue';
  /** Milliseconds one attempt may take. */
  timeout?: number;
  maxRetries?: number;
  [name: string]: unknown;
}

/** Answer of `createSwarm`. `timestamp` is ISO 8601 text. */
export interface SwarmMade {
  swarmId: string;
  /** The same. */
  id: string;
  status: string;
  message: string;
  data: Record<string, unknown>;
  timestamp: string;
}

/** What a task came to. `quality` is null when nothing measured it; `executionTime` in milliseconds. */
export interface TaskOutcome {
  output: string;
  summary: string;
  quality: number | null;
  executionTime: number | null;
  decisions: string[];
  openQuestions: string[];
}
