// What goes over the wire between a client and the API. Times are ISO 8601 text unless a name ends in `Ms` or the
// comment says otherwise. Servers may add fields at any time.

/** How an objective is divided into tasks; `auto` chooses by the objective's words. */
export type Strategy = 'auto' | 'research' | 'development' | 'analysis' | 'testing' | 'review';
/** Accepted for compatibility; every swarm is coordinated centrally. */
export type Mode = 'centralized' | 'distributed' | 'hierarchical';
/** Among ready tasks of a swarm, higher priorities run first. */
export type PriorityName = 'low' | 'normal' | 'high' | 'critical';
/** Kind of work, which suggests the type of agent. */
export type TaskType = 'research' | 'coding' | 'testing' | 'review' | 'analysis' | 'design' | 'custom';
/** Role of an agent: it decides its instructions and tools. */
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
/** Severity of a log line, lowest first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Per tool; `ask`: a person decides on each call. `ask_human` is there only where a policy allows it. */
export type ToolPolicy = Partial<
  Record<
    'read' | 'write' | 'list_files' | 'read_file' | 'write_file' | 'edit_file' | 'search_files' | 'ask_human',
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
    /** Left out: read and write. `['read']` for a task that must change nothing. */
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

/** What a swarm may use; at least one of the two. */
export interface NewBudget {
  /** Input, output and cache-write tokens; reads from the cache do not count. */
  maxTokens?: number;
  /** US dollars. */
  maxCostUsd?: number;
}

/** Where a swarm's events are sent. */
export interface NewWebhook {
  url: string;
  /** Types of events; left out: how the swarm ended. */
  events?: string[];
  /** Signs each delivery; at least 16 characters. */
  secret?: string;
}

/** Options of a new swarm. All are optional. */
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
  /** Reached, the swarm ends `failed` with the reason `budget`. */
  budget?: NewBudget;
  webhook?: NewWebhook;
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

/** Answer of `createSwarm`. */
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
  /** Some of it is an estimate, because the model server reported no usage. */
  estimated: boolean;
}

/** How many tasks are done; `percentComplete` is 0 to 100. */
export interface Progress {
  totalTasks: number;
  completedTasks: number;
  percentComplete: number;
}

/** What a swarm may use, and what it has used. */
export interface Budget {
  maxTokens: number | null;
  maxCostUsd: number | null;
  usedTokens: number;
  usedCostUsd: number;
  /** Of the limit that is nearest. */
  percentUsed: number;
}

/** How far a swarm's events have been sent on. */
export interface Webhook {
  url: string;
  events: string[];
  signed: boolean;
  /** `given-up`: an event could not be delivered, and none follows it. */
  status: 'active' | 'given-up';
  /** All events up to this one are delivered, or were not asked for. */
  deliveredSeq: number;
  failedAttempts: number;
  nextAttemptAt: string | null;
  lastError: string | null;
}

/** A swarm. Times are ISO 8601 text. */
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
  budget: Budget | null;
  webhook: Webhook | null;
  /** `seq` of the newest event. */
  lastEvent: number;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** Why it failed: `stopped`, `timeout`, `task-failed`, `budget` ... */
  reason: string | null;
  /** The same in a sentence. */
  message: string | null;
}

/** Answer of `getSwarmStatus`. */
export interface SwarmAnswer {
  swarmId: string;
  data: SwarmDetails;
}

/** Answer of `listSwarms`: one page. */
export interface SwarmListAnswer {
  /** Newest first. */
  swarms: {
    swarmId: string;
    /** Whose it is, with `scope: 'all'`. */
    owner?: string;
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

/** Answer of `health`. */
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

/** What a caller has stored, and how much it may. Bytes; a limit of null is none. */
export interface UsageAnswer {
  owner: string;
  storage: {
    /** As last counted: some seconds ago, where swarms are at work. */
    bytes: number;
    limit: number | null;
    limitPerSwarm: number | null;
    /** The ten largest of the 1,000 newest swarms, the largest first. */
    largest: { swarmId: string; bytes: number }[];
  };
  swarms: { stored: number; unfinished: number; startLimit: number | null };
  timestamp: string;
}

/** Of the server process that answers, but for `activeSwarms`. Seconds and bytes. */
export interface SystemStatsAnswer {
  system: {
    nodeVersion: string;
    platform: string;
    architecture: string;
    uptime: number;
    memory: { rss: number; heapTotal: number; heapUsed: number };
  };
  server: { activeSwarms: number; connectedClients: number };
}
