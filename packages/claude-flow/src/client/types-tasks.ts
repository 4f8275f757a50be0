import type { CommandAnswer, NewTask, TaskType, Usage } from './types.ts';

/**
 * A task for a swarm that is there already. `dependencies` are ids of its tasks, such as `task_001`: while it is being planned, of
 * tasks that were added before.
 */
export interface AddedTask extends Omit<NewTask, 'key' | 'type'> {
  type: TaskType;
}

/** State of a task; the last four are final. */
export type TaskStatus =
  | 'blocked'
  | 'ready'
  | 'queued'
  | 'running'
  | 'waiting'
  | 'retrying'
  | 'suspended'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'skipped';

/** A task. Times are ISO 8601 text. */
export interface TaskInfo {
  /** `priority`: 1 low to 4 critical. */
  id: { id: string; swarmId: string; sequence: number; priority: number };
  key: string;
  name: string;
  description: string;
  type: TaskType;
  status: TaskStatus;
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

/** Answer of `getTask`. */
export interface TaskAnswer {
  swarmId: string;
  task: TaskInfo;
  /** Why it is not running, in a sentence; null when it runs or has completed. */
  why: string | null;
}

/** Answer of `getTasks`. */
export interface TasksAnswer {
  swarmId: string;
  tasks: TaskInfo[];
  count: number;
  /** Of a page: give it as `cursor` for the next one. Null in an answer that is whole. */
  nextCursor: string | null;
}

/** Answer to a command about a task; `status` is that of the task. */
export interface TaskCommandAnswer extends CommandAnswer<TaskInfo> {
  taskId: string;
  status: TaskStatus;
}

/** Answer of `getGraph`. */
export interface GraphAnswer {
  swarmId: string;
  nodes: (Pick<TaskInfo, 'key' | 'name' | 'type' | 'agentType' | 'status' | 'assignedTo'> & {
    id: string;
    priority: number;
    /** 0 for tasks that need nothing, else 1 + the highest of those needed. */
    level: number;
  })[];
  /** `from` has to complete before `to` begins. */
  edges: { from: string; to: string }[];
  count: number;
  /** Of a page: give it as `cursor` for the next one. Null in an answer that is whole. */
  nextCursor: string | null;
}

/** Answer of `getAttempts`. */
export interface AttemptsAnswer {
  swarmId: string;
  taskId: string;
  attempts: {
    attempt: number;
    agentId: string | null;
    workerId: string | null;
    assignedAt: string;
    startedAt: string | null;
    endedAt: string | null;
    /** Answers of the model. */
    turns: number;
    /** Calls of tools that were refused or failed, and the answer to the last of them. */
    refusedCalls: number;
    lastRefusal: string | null;
    outcome:
      | 'queued'
      | 'running'
      | 'completed'
      | 'failed'
      | 'cancelled'
      | 'worker-lost'
      | 'handed-back'
      | 'suspended';
    code: string | null;
    message: string | null;
  }[];
  count: number;
  /** False: the oldest events are no longer kept, and attempts may be missing. */
  complete: boolean;
}

/** A call of a tool. `input` is null when it is no object or too long: then `inputText` is its beginning, as JSON. */
export interface ToolCall {
  id: string;
  tool: string;
  input: Record<string, unknown> | null;
  inputText: string | null;
  /** Null until the tool has answered. `cut`: `content` is only the beginning. */
  answer: { content: string; isError: boolean; cut: boolean } | null;
}

/** One answer of the model, and what came of it. */
export interface Turn {
  /** 1, 2, 3 ...; attempts go on counting. */
  turn: number;
  attempt: number | null;
  /** `failed`: the call of the model failed. */
  status: 'running' | 'completed' | 'failed';
  text: string;
  textCut: boolean;
  /** Summaries, where the model gives them. */
  thinking: string;
  calls: ToolCall[];
  /** What the model was told because of this turn. */
  notice: string | null;
  failures: string[];
  stopReason: string | null;
  usage: Usage | null;
}

/** Answer of `getTurns`. */
export interface TurnsAnswer {
  swarmId: string;
  taskId: string;
  model: string | null;
  turns: Turn[];
  count: number;
  /** For the next page; null when there are no further turns for now. */
  nextCursor: string | null;
}
