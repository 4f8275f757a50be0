import type { AgentId, SwarmId, TaskId } from './ids.ts';
import type { FailurePolicy, SwarmStatus, TaskStatus } from './states.ts';
import type { ToolPolicy } from './tool-policy.ts';
import {
  type AgentType,
  type Mode,
  type Permission,
  type Priority,
  priorityNumber,
  type Strategy,
  type TaskType,
} from './vocabulary.ts';

export interface TaskRequirements {
  capabilities: string[];
  tools: string[];
  permissions: Permission[];
  /** With the swarm's `options.toolPolicy`, the stricter one counts. */
  toolPolicy?: ToolPolicy | undefined;
}

/** What a task is: written once when the task is stored, never changed. */
export interface TaskSpec {
  id: TaskId;
  /** The name the plan gave it; dependencies were written with it. */
  key: string;
  sequence: number;
  name: string;
  description: string;
  type: TaskType;
  agentType: AgentType;
  priority: Priority;
  dependencies: TaskId[];
  expectedOutput?: string;
  requirements: TaskRequirements;
  onFailure: FailurePolicy;
  /** Milliseconds one attempt may take. */
  timeoutMs: number;
  /** Failed attempts after which the task fails: it runs at most `maxRetries + 1` times. */
  maxRetries: number;
}

/** A task as the ledger keeps it. */
export interface StoredTaskSpec extends TaskSpec {
  /** Milliseconds since 1970, by Redis. */
  createdAt: number;
}

/** Tokens and money. Token counts as the provider reports them; cost in millionths of a US dollar. */
export interface Usage {
  /** Of the input and output tokens: those that are estimates, since the server reported none. Left out: none. */
  estimatedTokens?: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  costMicros: number;
}

/**
 * Where a task stands, and what of its spec decides where it goes: the JSON that the scripts change. Times are milliseconds
 * since 1970, by Redis.
 */
export interface TaskState extends Usage {
  id: TaskId;
  status: TaskStatus;
  agentType: AgentType;
  priority: Priority;
  onFailure: FailurePolicy;
  /** Tasks that the plan made wait for it, when that is more than one: as many may become ready when it ends. */
  fanOut?: number;
  /** Rises by one with each delivery; names the job. */
  attempt: number;
  /** Attempts that ended in an error of their own; compared with `maxRetries`. */
  failures: number;
  /** Attempts that ended because their worker vanished. */
  crashes: number;
  /**
   * While it runs and has `crashes`: `waiting` until its worker has no other such task at work, then `apart`. Only what was begun can
   * have taken its worker down.
   */
  trial?: 'waiting' | 'apart';
  turns: number;
  /** Size of its journal so far. */
  journalBytes?: number;
  /** While it is queued. */
  queuedAt?: number;
  startedAt?: number;
  endedAt?: number;
  retryAt?: number;
  token?: string;
  workerId?: string;
  agentId?: AgentId;
  /** The agent that a command chose for it, and no other. */
  pinnedTo?: AgentId;
  /** The tasks that its worker was given with the answer to its completion. */
  handedOver?: TaskId[];
  /** What a waiting task waits for, and the ids of those approvals or tasks that are still open. */
  waitingFor?: 'approval' | 'children';
  waitsOn?: string[];
  /** While a running task's model call is to be made again: until when it waits, and why. May lie in the past. */
  modelWait?: { attempt: number; number: number; until: number; reason: string };
  /** Tasks that wait, or waited, for this one to end. */
  awaitedBy?: TaskId[];
  /** While it runs: what its model calls are tried again for, in a sentence. */
  trouble?: string;
  errorCode?: string;
  errorMessage?: string;
  /** The attempt it stood at when a command last had it tried again: the same once more is a repeated send. */
  retriedAt?: number;
  /** A digest of the file announced last and its attempt: the same once more is a repeated send. */
  told?: string;
}

/** What the ledger leaves out of a task: most tasks have these, and smaller texts are quicker ones. Also in `lua/includes/task.lua`. */
const UNLESS_SAID = {
  priority: priorityNumber('normal'),
  onFailure: 'skip-dependents',
  failures: 0,
  crashes: 0,
  turns: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicros: 0,
} as const;
type Unsaid = keyof typeof UNLESS_SAID;

/** @param json as the ledger keeps it */
export function parseTaskState(json: string): TaskState {
  return { ...UNLESS_SAID, ...(JSON.parse(json) as Omit<TaskState, Unsaid>) };
}

/** How a task begins; the scripts fill in its status and its times. */
export function freshState(
  spec: TaskSpec,
): Omit<TaskState, 'status' | Unsaid> & Partial<Pick<TaskState, 'priority' | 'onFailure'>> {
  const { id, agentType, priority, onFailure } = spec;
  return {
    id,
    agentType,
    ...(priority === UNLESS_SAID.priority ? {} : { priority }),
    ...(onFailure === UNLESS_SAID.onFailure ? {} : { onFailure }),
    attempt: 0,
  };
}

/** What a swarm may use before it is ended; at least one of the two. */
export interface SwarmBudget {
  /** Of {@link budgetTokens}. */
  maxTokens?: number;
  /** Millionths of a US dollar. */
  maxCostMicros?: number;
}

/** Tokens as a budget counts them: what was sent for the first time or written. Reads from the provider's cache do not count. */
export function budgetTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheWriteTokens;
}

/** How much of the limit that is nearest is used: 1 is all of it. The scripts reckon the same way. */
export function budgetShare(budget: SwarmBudget, usage: Usage): number {
  const { maxTokens, maxCostMicros } = budget;
  return Math.max(
    maxTokens === undefined ? 0 : budgetTokens(usage) / maxTokens,
    maxCostMicros === undefined ? 0 : usage.costMicros / maxCostMicros,
  );
}

export interface SwarmRecord extends Usage {
  id: SwarmId;
  owner: string;
  name: string;
  objective: string;
  strategy: Strategy;
  mode: Mode;
  maxAgents: number;
  timeoutMs: number;
  parallel: boolean;
  options: Record<string, unknown>;
  model?: string;
  status: SwarmStatus;
  planned: boolean;
  /** `start` came while the plan was still being made. */
  startRequested: boolean;
  planSource?: string;
  planDegraded: boolean;
  /** What keeps its plan from being made at present, in a sentence. */
  planTrouble?: string;
  createdAt: number;
  startedAt?: number;
  endedAt?: number;
  deadlineAt?: number;
  reason?: string;
  message?: string;
  budget?: SwarmBudget;
  /** The most that each worker was seen to use while it did tasks of the swarm. */
  resources?: { memoryBytes: number; cpu: number }[];
  epoch: number;
  /** The number of the swarm's last event. */
  seq: number;
  /** Tasks by status, kept for display; the swarm's own status never depends on it. */
  counts: Partial<Record<TaskStatus, number>>;
}

/** A swarm without the texts of its creator, which can be large, and which only planner, agents and those who look at it need. */
export type SwarmState = Omit<SwarmRecord, 'objective' | 'options'>;

export interface ArtifactEntry {
  /** Relative, with `/`, no `..`. */
  path: string;
  /** sha256 in hex. */
  digest: string;
  size: number;
  /** Unix permission bits. */
  mode: number;
}

/** What a finished task left behind; one per task, for ever. */
export interface TaskResult {
  summary: string;
  decisions: string[];
  output: string;
  openQuestions: string[];
  artifacts: ArtifactEntry[];
  /** 0..1 when something measured it, else null. */
  quality: number | null;
}
