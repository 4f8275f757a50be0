import type { Usage } from '@claude-flow/core/domain/task';

const MICROS_PER_DOLLAR = 1_000_000;

/** Tokens as the provider counted them, and what they cost. */
export function usageView(usage: Usage) {
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    costUsd: usage.costMicros / MICROS_PER_DOLLAR,
    estimated: (usage.estimatedTokens ?? 0) > 0,
  };
}
