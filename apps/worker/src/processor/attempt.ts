import type { TaskSpec, TaskState } from '@claude-flow/core/domain/task';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { HeldTask } from '../lease/held-task.ts';
import type { SwarmLog } from './swarm-log.ts';

/** One attempt of one task, while this worker has it. */
export interface Attempt {
  task: HeldTask;
  spec: TaskSpec;
  state: TaskState;
  log: Logger;
  swarmLog: SwarmLog;
}
