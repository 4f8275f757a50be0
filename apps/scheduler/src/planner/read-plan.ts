import { type Plan, planSchema } from '@claude-flow/core/contracts/plan';
import { checkPlan, type PlanLimits } from './check-plan.ts';

/** A model's answer, read: a plan without faults, or everything that is wrong with it. */
export type PlanReading = { plan: Plan; faults: [] } | { plan?: undefined; faults: string[] };

/** Never throws: whatever a model may answer, the outcome is a plan or sentences that it can mend its answer by. */
export function readPlan(text: string, limits: PlanLimits): PlanReading {
  const json = parseJson(text);
  if (json.error !== undefined) {
    return {
      faults: [
        `The answer is not JSON (${json.error}). Answer with the plan as one JSON object and nothing else.`,
      ],
    };
  }
  const parsed = planSchema.safeParse(json.value);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'The answer'}: ${issue.message}.`,
    );
    return { faults: faults.slice(0, 20) };
  }
  const faults = checkPlan(parsed.data, limits);
  return faults.length === 0 ? { plan: parsed.data, faults: [] } : { faults };
}

/** Model servers without structured output wrap JSON in prose or a code fence; the object in it is what is meant. */
function parseJson(text: string): { value?: unknown; error?: string } {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start === -1 || end < start) return { error: 'it contains no object' };
  try {
    return { value: JSON.parse(text.slice(start, end + 1)) as unknown };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
