import type { Plan, PlannedTask } from '@claude-flow/core/contracts/plan';
import { cutText } from '@claude-flow/core/domain/cut-text';

/** An agent type that a plan may give work to. */
export type PlannableAgentType = PlannedTask['agentType'];

/**
 * A way to cut an objective into tasks. With a model, `guidance` and `agentTypes` steer it; without one, or when its plan
 * is of no use, `template` is the plan.
 */
export interface PlanStrategy {
  name: string;
  /** For the planning model: what matters with this kind of work. */
  guidance: string;
  agentTypes: readonly PlannableAgentType[];
  /** A graph without faults, for any objective. Pure. */
  template(objective: string): Plan;
  /** Tests are what the strategy is for: `options.includeTests: false` leaves them in. */
  testsAreThePoint?: boolean;
  /** A strategy that may hand over to a better fitting one. @returns undefined to plan by itself */
  handOver?(objective: string): HandOver | undefined;
}

export interface HandOver {
  /** Name of the strategy that fits. */
  to: string;
  /** A sentence saying why. */
  reason: string;
}

/** Longest piece of an objective in a template's text; every agent is told the whole objective anyway. */
const AIM_LENGTH = 240;

/** The objective for use inside a sentence: one line, quoted, shortened. */
export function quoted(objective: string): string {
  const line = objective.replace(/\s+/g, ' ').trim();
  if (line.length <= AIM_LENGTH) return `"${line}"`;
  return `"${cutText(line, AIM_LENGTH).replace(/\s+\S*$/u, '')} …"`;
}
