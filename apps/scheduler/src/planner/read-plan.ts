import type { Plan } from '@claude-flow/core/contracts/plan';
import { cutText } from '@claude-flow/core/domain/cut-text';
import { checkPlan, type PlanLimits } from './check-plan.ts';
import { findJson } from './find-json.ts';
import { type MendedPlan, mendPlan } from './mend-plan.ts';

/** A model's answer, read: a plan without faults and what was mended for it, or everything that is wrong with it. */
export type PlanReading =
  | { plan: Plan; mended: string[]; unclosed?: true; faults: [] }
  | { plan?: undefined; faults: string[] };

/** What was mended is told to people: more than this nobody reads. */
const MAX_MENDED = 30;
const MAX_MENDED_CHARS = 200;

/**
 * Reads leniently: what a plan means is mended, and only a graph that cannot be run is a fault. Never throws: whatever a model
 * may answer, the outcome is a plan or sentences that it can mend its answer by.
 */
export function readPlan(text: string, limits: PlanLimits): PlanReading {
  const { found, error } = findJson(text);
  const plans = found.flatMap(({ value, mended, unclosed }) => {
    const plan = mendPlan(value);
    return plan === undefined ? [] : [{ ...plan, mended: [...mended, ...plan.mended], unclosed }];
  });
  const best = plans.reduce<(typeof plans)[number] | undefined>(
    // Of several the largest, and of equals the last: an example comes before it, a quotation after it is smaller.
    (chosen, other) =>
      chosen === undefined || other.plan.tasks.length >= chosen.plan.tasks.length ? other : chosen,
    undefined,
  );
  if (best === undefined) return { faults: [noPlan(found.length, error)] };
  const faults = [...emptyTasks(best), ...checkPlan(best.plan, limits)];
  if (faults.length > 0) return { faults };
  const { plan, mended, unclosed } = best;
  return { plan, mended: shown(mended), ...(unclosed ? { unclosed } : {}), faults: [] };
}

function noPlan(values: number, error: string | undefined): string {
  if (error === undefined && values > 0) {
    return 'The answer holds no plan: an object with "summary" and "tasks", a list of tasks.';
  }
  return `The answer is not JSON (${error ?? 'it contains no object'}). Answer with the plan as one JSON object and nothing else.`;
}

function emptyTasks({ empty, plan }: MendedPlan): string[] {
  if (empty === 0 || plan.tasks.length === 0) return [];
  return [`${empty} of the tasks have neither a name nor a description.`];
}

function shown(mended: readonly string[]): string[] {
  const kept = [...new Set(mended)].map((what) => cutText(what, MAX_MENDED_CHARS, '...'));
  if (kept.length <= MAX_MENDED) return kept;
  return [...kept.slice(0, MAX_MENDED), `And ${kept.length - MAX_MENDED} more.`];
}
