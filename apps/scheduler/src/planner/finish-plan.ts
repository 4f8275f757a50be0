import type { Plan, PlanSource, StoredPlan } from '@claude-flow/core/contracts/plan';
import { planToTasks, type TaskDefaults, withSynthesis } from '@claude-flow/core/domain/plan-to-tasks';
import type { Usage } from '@claude-flow/core/domain/task';

/** A plan without faults, and how it came about. */
export interface PlanOutcome {
  plan: Plan;
  source: Extract<PlanSource, 'model' | 'template'>;
  /** Why the template had to stand in for the model, in a sentence. */
  degradedReason?: string;
  /** What was odd about the model's plan and was mended, each a sentence. */
  mended?: readonly string[];
  /** All calls for it, those of plans that were thrown away included. */
  usage: Usage;
}

/** The plan as the ledger takes it: with ids, defaults, and the synthesis task at its end. Pure. */
export function finishPlan(outcome: PlanOutcome, defaults: TaskDefaults): StoredPlan {
  const { plan, source, degradedReason, mended = [], usage } = outcome;
  const all = planToTasks(withSynthesis(plan.tasks), defaults);
  const closing = all.at(-1);
  return {
    source,
    degraded: degradedReason !== undefined,
    ...(degradedReason === undefined ? {} : { degradedReason }),
    ...(mended.length === 0 ? {} : { mended: [...mended] }),
    summary: plan.summary,
    // A single task needs nobody to bring it together with others.
    tasks: plan.tasks.length < 2 ? all.slice(0, plan.tasks.length) : all,
    ...(closing === undefined ? {} : { closing }),
    usage,
  };
}
