/**
 * What goes over the wire between a client and the API. Times are ISO 8601 text unless a name ends in `Ms` or the
 * comment says otherwise. Servers may add fields at any time.
 */
export type Strategy = 'auto' | 'research' | 'development' | 'analysis' | 'testing' | 'review';
export type Mode = 'centralized' | 'distributed' | 'hierarchical';
export type PriorityName = 'low' | 'normal' | 'high' | 'critical';
export type TaskType = 'research' | 'coding' | 'testing' | 'review' | 'analysis' | 'design' | 'custom';
export type AgentType =
  | 'coordinator'
  | 'coder'
  | 'reviewer'
  | 'tester'
  | 'researcher'
  | 'analyst'
  | 'architect'
  | 'specialist';
/** As clients see it: a stopped or timed-out swarm reads `failed`, with the cause in `data.reason`. */
export type SwarmStatus = 'planning' | 'executing' | 'paused' | 'completed' | 'failed';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Per tool; `ask`: a person decides on each call. `ask_human` is there only where a policy allows it. */
export type ToolPolicy = Partial<
  Record<
    'list_files' | 'read_file' | 'write_file' | 'edit_file' | 'search_files' | 'ask_human',
    'allow' | 'ask' | 'deny'
  >
>;

/** A task of one's own graph, given at creation; then no model plans. */
export interface NewTask {
  /** Short unique name that `dependencies` of other tasks refer to. */
  key: string;
  name: string;
  description: string;
  type?: TaskType;
  agentType?: AgentType;
  priority?: PriorityName;
  dependencies?: string[];
  requirements?: {
    capabilities?: string[];
    tools?: string[];
    permissions?: ('read' | 'write' | 'execute')[];
    /** With the swarm's, the stricter one counts. */
    toolPolicy?: ToolPolicy;
  };
  onFailure?: 'fail-swarm' | 'skip-dependents' | 'continue';
  /** Milliseconds one attempt may take, 1,000 to 3,600,000. */
  timeout?: number;
  /** Failed attempts that are tried again, 0 to 10. */
  maxRetries?: number;
}

export interface CreateSwarmOptions {
  strategy?: Strategy;
  mode?: Mode;
  /** 1 to 50, default 5. */
  maxAgents?: number;
  /** Milliseconds the swarm may take, 30,000 to 3,600,000; default 300,000. */
  timeout?: number;
  /** False: one task at a time. */
  parallel?: boolean;
  options?: {
    includeTests?: boolean;
    includeDocumentation?: boolean;
    verbosity?: string;
    toolPolicy?: ToolPolicy;
    [name: string]: unknown;
  };
  /** The model that works, instead of the server's. */
  model?: string;
  /** Start as soon as it is planned. */
  autoStart?: boolean;
  tasks?: NewTask[];
  /** Two creations with the same key make one swarm; one is made up for each call when left out. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** The answer to every command. */
export interface CommandAnswer<Data = SwarmDetails> {
  swarmId: string;
  status: string;
  message: string;
  data: Data;
  timestamp: string;
}

export type CreatedSwarm = CommandAnswer<{
  objective: string;
  strategy: Strategy;
  mode: Mode;
  maxAgents: number;
  name: string;
  planned: boolean;
}>;

/** Tokens as the provider counts them. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  costUsd: number;
}

export interface Progress {
  totalTasks: number;
  completedTasks: number;
  percentComplete: number;
}

export interface SwarmDetails {
  id: string;
  name: string;
  /** The objective. */
  description: string;
  status: SwarmStatus;
  strategy: Strategy;
  mode: Mode;
  maxAgents: number;
  /** Milliseconds. */
  timeout: number;
  parallel: boolean;
  options: Record<string, unknown>;
  model: string | null;
  /** Whether its tasks are known yet. */
  planned: boolean;
  /** `model`, `template` or `caller`. */
  planSource: string | null;
  /** The model made no plan that could be used; a template took its place. */
  planDegraded: boolean;
  progress: Progress;
  /** Making the plan included. */
  usage: Usage;
  /** `seq` of the newest event. */
  lastEvent: number;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** Why it failed: `stopped`, `timeout`, `task-failed` ... */
  reason: string | null;
  /** The same in a sentence. */
  message: string | null;
}

export interface SwarmAnswer {
  swarmId: string;
  data: SwarmDetails;
}

export interface SwarmListAnswer {
  /** Newest first. */
  swarms: {
    swarmId: string;
    name: string;
    status: SwarmStatus;
    strategy: Strategy;
    progress: Progress;
    createdAt: string;
    endedAt: string | null;
    reason: string | null;
  }[];
  count: number;
  /** Give it as `cursor` for the next page. */
  nextCursor: string | null;
}

export interface TaskInfo {
  /** `priority`: 1 low to 4 critical. */
  id: { id: string; swarmId: string; sequence: number; priority: number };
  key: string;
  name: string;
  description: string;
  type: TaskType;
  status: string;
  agentType: string;
  dependencies: string[];
  assignedTo: { id: string } | null;
  /** What a waiting task waits for (`approval` or `children`), their ids, and a sentence. */
  waiting: { for: string; ids: string[]; message: string } | null;
  attempt: number;
  failures: number;
  turns: number;
  createdAt: string;
  startedAt: string | null;
  completedAt: string | null;
  error: { code: string; message: string } | null;
  usage: Usage;
  /** `executionTime` in milliseconds; `quality` 0 to 1, null when nothing measured it. */
  result: {
    output: string;
    summary: string;
    decisions: string[];
    openQuestions: string[];
    quality: number | null;
    executionTime: number | null;
  } | null;
}

export interface TaskAnswer {
  swarmId: string;
  task: TaskInfo;
}

export interface TasksAnswer {
  swarmId: string;
  tasks: TaskInfo[];
  count: number;
}

export interface AgentInfo {
  id: { id: string; swarmId: string; type: string; instance: number };
  name: string;
  type: string;
  status: string;
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
}

/** `cancelled`: its task ended before anybody decided. */
export type ApprovalStatus = 'pending' | 'approved' | 'denied' | 'cancelled';

/** What an agent may not go on with until a person has decided. `input`: JSON text of the call, or its beginning. */
export interface ApprovalInfo {
  id: string;
  kind: 'tool' | 'question';
  status: ApprovalStatus;
  taskId: string;
  agentId: string | null;
  tool: string;
  question: string | null;
  input: string;
  inputCut: boolean;
  requestedAt: string;
  decidedAt: string | null;
  decidedBy: string | null;
  note: string | null;
}

export interface ApprovalsAnswer {
  swarmId: string;
  approvals: ApprovalInfo[];
  count: number;
}

/** A file that a task left behind. `size` in bytes, `digest` sha256 in hex, `url` from the root of the server. */
export interface ArtifactFile {
  path: string;
  size: number;
  digest: string;
  url: string;
}

export interface ResultsAnswer {
  swarmId: string;
  status: SwarmStatus;
  results: {
    /** By task id. */
    outputs: Record<string, string>;
    /** By task id; tasks without files are left out. */
    artifacts: Record<string, { diagrams: string[]; documents: string[]; files: ArtifactFile[] }>;
    /** The closing report, when there is one. */
    summary: string | null;
    /** 0 to 1, null when nothing measured it. */
    overallQuality: number | null;
    /** Milliseconds from start to end, or until now. */
    totalExecutionTime: number;
    /** Busy time / (agents x wall time), 0 to 1. */
    efficiency: number | null;
    usage: Usage;
  };
}

export interface LogLine {
  timestamp: string;
  level: LogLevel;
  source: string;
  message: string;
  swarmId: string;
  taskId?: string;
}

export interface LogsAnswer {
  swarmId: string;
  logs: LogLine[];
  count: number;
}

export interface ArtifactInfo extends ArtifactFile {
  taskId: string;
}

export interface ArtifactsAnswer {
  swarmId: string;
  artifacts: ArtifactInfo[];
  count: number;
}

export interface HealthAnswer {
  status: string;
  service: string;
  version: string;
  timestamp: string;
  /** Seconds. */
  uptime: number;
  environment: string;
  [name: string]: unknown;
}

/** One change of a swarm. */
export interface SwarmEvent {
  /** 1, 2, 3 ... per swarm, without a gap. */
  seq: number;
  /** With it, `seq` names this event and no other, even if the server's data should have gone back in time. */
  epoch: number;
  /** E.g. `task.completed`. New ones may come: ignore those you do not know. */
  type: string;
  /** Milliseconds since 1970, by the server's clock. */
  at: number;
  swarmId: string;
  taskId?: string;
  agentId?: string;
  attempt?: number;
  data: Record<string, unknown>;
}

/**
 * The place where a reader stood is gone: trimmed away, or of data that the server lost. What was known of the swarm has
 * to be read anew (`getSwarm`); events go on from `firstSeq`, some of them possibly for a second time.
 */
export interface Resync {
  swarmId: string;
  /** Of the newest event. */
  epoch: number;
  firstSeq: number;
  /** The newest event's. */
  seq: number;
}

/** After these nothing more happens to a swarm. */
export const FINAL_EVENTS: readonly string[] = ['swarm.completed', 'swarm.failed', 'swarm.stopped'];
