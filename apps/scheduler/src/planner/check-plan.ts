import type { Plan } from '@claude-flow/core/contracts/plan';
import { plannedTaskSchema } from '@claude-flow/core/contracts/plan';
import { graphFaults } from '@claude-flow/core/domain/task-graph';

/** More tasks than this are not accepted from the planning model: beyond it plans grow vague, and each task costs. */
export const MAX_PLANNED_TASKS = 30;
/** Faults told to the model at most; more say the same again. */
const MAX_TOLD_FAULTS = 20;

export interface PlanLimits {
  maxTasks: number;
  /** Every agent type that exists. */
  agentTypes: ReadonlySet<string>;
}

/** All faults of a plan, each a sentence that says what to mend; none means that it can be stored. Pure. */
export function checkPlan(plan: Plan, limits: PlanLimits): string[] {
  const faults = graphFaults(
    plan.tasks.map((task) => ({ key: task.key, dependsOn: task.dependsOn })),
    limits.maxTasks,
  ).map((fault) => fault.message);
  for (const [index, task] of plan.tasks.entries()) {
    const where = `Task ${index + 1} ("${task.key}")`;
    const shape = plannedTaskSchema.omit({ agentType: true }).safeParse(task);
    for (const issue of shape.error?.issues ?? []) {
      faults.push(`${where}, ${issue.path.join('.') || 'the task'}: ${issue.message}.`);
    }
    if (task.description.trim() === '') faults.push(`${where} has no description.`);
    if (task.name.trim() === '') faults.push(`${where} has no name.`);
    if (!limits.agentTypes.has(task.agentType)) {
      const known = [...limits.agentTypes].join(', ');
      faults.push(
        `${where} names the agent type "${task.agentType}", which does not exist; use one of ${known}.`,
      );
    }
  }
  if (faults.length <= MAX_TOLD_FAULTS) return faults;
  return [...faults.slice(0, MAX_TOLD_FAULTS), `And ${faults.length - MAX_TOLD_FAULTS} more faults.`];
}
