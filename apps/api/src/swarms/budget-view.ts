import { budgetShare, budgetTokens, type SwarmState } from '@claude-flow/core/domain/task';
import { usageView } from './usage-view.ts';

const MICROS_PER_DOLLAR = 1_000_000;

/** What the swarm may use, and what it has used of it. */
export function budgetView(swarm: SwarmState) {
  const { budget } = swarm;
  if (budget === undefined) return null;
  const { maxTokens, maxCostMicros } = budget;
  return {
    maxTokens: maxTokens ?? null,
    maxCostUsd: maxCostMicros === undefined ? null : maxCostMicros / MICROS_PER_DOLLAR,
    usedTokens: budgetTokens(swarm),
    usedCostUsd: usageView(swarm).costUsd,
    percentUsed: Math.floor(100 * budgetShare(budget, swarm)),
  };
}

/** As the ledger counts. */
export function budgetRecord(wish: { maxTokens?: number | undefined; maxCostUsd?: number | undefined }) {
  const { maxTokens, maxCostUsd } = wish;
  return {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(maxCostUsd === undefined ? {} : { maxCostMicros: Math.round(maxCostUsd * MICROS_PER_DOLLAR) }),
  };
}
