import { taskId } from '../../src/domain/ids.ts';
import type { TaskSpec } from '../../src/domain/task.ts';
import type { AddedTask } from '../../src/store/add-task.ts';
import type { TaskPlan } from './state.ts';

/** A model's task as the ledger takes it. */
export function specOf(plan: TaskPlan): AddedTask {
  return {
    ...plan,
    name: 'A drawn task',
    description: 'Do what was drawn',
    type: 'custom',
    requirements: { capabilities: [], tools: [], permissions: ['read'] },
    timeoutMs: 60_000,
  };
}

export function specsOf(plans: readonly TaskPlan[]): TaskSpec[] {
  return plans.map((plan, index) => ({
    ...specOf(plan),
    id: taskId(index + 1),
    key: `t${index + 1}`,
    sequence: index + 1,
  }));
}
