import type { Objective } from '../content/objective.ts';
import type { Random } from '../random.ts';

export type ToolCall = { name: string; input: Record<string, unknown> };

/** A tool call of an earlier turn with what came back. */
export type Exchange = ToolCall & { result: string; isError: boolean };

export type Task = { id: string; type: string; name: string; description: string; expectedOutput: string };
export type Conflict = { path: string; versions: string[] };
export type Dependency = { id: string; name: string; agent: string; summary: string };

/** Everything a brain may know: the conversation, read. Nothing else, so that every replica continues it alike. */
export type BrainInput = {
  agentType: string;
  /** What the answer is about: the swarm's objective, or what a task of the caller's own graph asks for. */
  objective: Objective;
  /** The swarm's objective as it was sent. */
  swarmObjective: string;
  strategy: string;
  task: Task | null;
  /** The task comes from the caller's own graph, and its own words say what is to be made. */
  ownTask: boolean;
  dependencies: Dependency[];
  /** Paths in the workspace, as far as the conversation names them; without the worker's own folders. */
  files: string[];
  /** Files that two tasks changed differently, with where the versions lie. */
  conflicts: Conflict[];
  tools: ReadonlySet<string>;
  history: Exchange[];
  /** Answers already given in this conversation. */
  turn: number;
  lastUserText: string;
  /** Agent types the planner may use; empty when the request names none. */
  agentTypes: string[];
  maxTasks: number | null;
  random: Random;
};

/** The next turn. Without calls it is the last one. */
export type Reply = {
  /** What goes on before speaking; becomes a thinking block where the model thinks. */
  thought: string;
  text: string;
  calls: ToolCall[];
  /** The answer as data, for requests that ask for JSON. */
  value?: unknown;
};

export type Brain = (input: BrainInput) => Reply;

/** Ends every summary, so that nobody takes it for a real model's work. */
export const SIMULATED = '(simulated model)';
