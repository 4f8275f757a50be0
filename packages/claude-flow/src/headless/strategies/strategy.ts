import type { AgentWish, TaskWish } from '../wishes.ts';

/** A task of a fixed graph: dependencies are the names of tasks before it. */
interface GraphTask extends TaskWish {
  after?: readonly string[];
}

/** Agents and tasks of a kind of work. */
export interface FixedStrategy {
  name: string;
  agents: readonly AgentWish[];
  /** In an order in which dependencies come first. */
  tasks: readonly GraphTask[];
}

/** What a strategy made of a swarm. */
export interface StrategyOutcome {
  strategy: string;
  agents: number;
  tasks: number;
}
