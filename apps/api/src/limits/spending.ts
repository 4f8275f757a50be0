import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { isPriced } from '@claude-flow/llm/prices';
import type { CreateSwarm } from '../swarms/create-swarm-schema.ts';

/** As in a new swarm's `budget`. */
export interface SpendingLimit {
  maxTokens?: number;
  maxCostUsd?: number;
}

/** What the operator lets one swarm spend. */
export interface Spending {
  /** Models that a swarm may name, `*` for any characters. Undefined: every one. */
  modelsAllowed?: readonly string[];
  /** For swarms that name no limit of their own. */
  budgetDefault: SpendingLimit;
  /** No swarm has more. */
  budgetMax: SpendingLimit;
}

const LIMITS = ['maxTokens', 'maxCostUsd'] as const;
const MAX = { maxTokens: 1_000_000_000_000, maxCostUsd: 1_000_000 };
const LEAST = { maxTokens: 1, maxCostUsd: 0.000001 };

/**
 * `5` (US dollars), `maxTokens=2000000` or `maxCostUsd=5,maxTokens=2000000`.
 * @returns undefined when it is none of these
 */
export function readSpendingLimit(text: string): SpendingLimit | undefined {
  const limit: SpendingLimit = {};
  for (const part of text.split(',')) {
    const [, name = 'maxCostUsd', amount] = /^\s*(?:(\w+)\s*=\s*)?([0-9]+(?:\.[0-9]+)?)\s*$/.exec(part) ?? [];
    const known = LIMITS.find((one) => one === name);
    const value = Number(amount);
    if (known === undefined || limit[known] !== undefined) return undefined;
    if (!(value >= LEAST[known] && value <= MAX[known])) return undefined;
    if (known === 'maxTokens' && !Number.isInteger(value)) return undefined;
    limit[known] = value;
  }
  return limit;
}

/** The first of the limits, by name, that goes beyond those given at most. */
export function beyond(limit: SpendingLimit, most: SpendingLimit): (typeof LIMITS)[number] | undefined {
  return LIMITS.find((name) => (limit[name] ?? 0) > (most[name] ?? Number.POSITIVE_INFINITY));
}

/**
 * The budget that a new swarm gets: its own limits, and the operator's where it has none.
 * @throws ClaudeFlowError `validation_failed` with all faults: a model or a limit that is not allowed here
 */
export function allowedBudget(
  spending: Spending,
  { model, budget = {} }: Pick<CreateSwarm, 'model' | 'budget'>,
): SpendingLimit | undefined {
  const { modelsAllowed, budgetDefault, budgetMax } = spending;
  const details: { field: string; message: string }[] = [];
  if (model !== undefined && modelsAllowed !== undefined && !modelsAllowed.some((one) => fits(one, model))) {
    const message = `The model ${model} is not allowed here. Allowed (MODELS_ALLOWED): ${modelsAllowed.join(', ')}.`;
    details.push({ field: 'model', message });
  }
  const given: SpendingLimit = {};
  for (const name of LIMITS) {
    const asked = budget[name];
    const most = budgetMax[name];
    const limit = asked ?? budgetDefault[name] ?? most;
    if (limit !== undefined) given[name] = limit;
    if (asked === undefined || most === undefined || asked <= most) continue;
    const message = `budget.${name} may be at most ${most} here (BUDGET_MAX); ${asked} was asked for.`;
    details.push({ field: `budget.${name}`, message });
  }
  if (
    budget.maxCostUsd === undefined &&
    given.maxCostUsd !== undefined &&
    model !== undefined &&
    !isPriced(model)
  ) {
    const message = `A swarm may cost at most ${given.maxCostUsd} US dollars here, and the price of the model ${model} is not known. Choose a model of the price list.`;
    details.push({ field: 'model', message });
  }
  if (details.length > 0) {
    const sentence = details.map(({ message }) => message).join(' ');
    throw new ClaudeFlowError('validation_failed', sentence, { details });
  }
  return Object.keys(given).length === 0 ? undefined : given;
}

function fits(pattern: string, model: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'u').test(model);
}
