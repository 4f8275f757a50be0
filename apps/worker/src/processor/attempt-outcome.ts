import type { TaskResult } from '@claude-flow/core/domain/task';

/** What an attempt that succeeded leaves. */
export interface AttemptOutcome {
  result: TaskResult;
  /** For the event `task.completed`. */
  data: Record<string, unknown>;
}
