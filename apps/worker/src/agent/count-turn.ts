import { type MeteredUsage, meterUsage, type ReportedUsage } from '@claude-flow/llm/cost';
import { countUsage } from '@claude-flow/llm/estimate-usage';

/** What a call cost. */
export interface CountedCall extends MeteredUsage {
  /** As it is written into the journal: what was reported, with estimates where nothing was. */
  reported: Record<string, unknown>;
}

/** @param answered the content; undefined when the call failed before it was whole */
export function countCall(
  model: string,
  reported: ReportedUsage | null | undefined,
  sent: object,
  answered: readonly unknown[] | undefined,
): CountedCall {
  const counted = countUsage(reported, sent, answered);
  const { estimatedTokens } = counted;
  const journaled = { ...counted.reported, ...(estimatedTokens > 0 ? { estimatedTokens } : {}) };
  return { ...meterJournaled(model, journaled), reported: journaled };
}

/** The usage of a journal entry, as it was counted. */
export function meterJournaled(model: string, usage: Record<string, unknown>): MeteredUsage {
  const metered = meterUsage(model, usage as ReportedUsage);
  const estimated = usage['estimatedTokens'];
  if (typeof estimated !== 'number' || estimated <= 0) return metered;
  return { ...metered, usage: { ...metered.usage, estimatedTokens: estimated } };
}

/** Tokens and cost as the event `task.progress` tells them. */
export function usageData({ usage, priced }: MeteredUsage): Record<string, unknown> {
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    costUsd: usage.costMicros / 1e6,
    ...(priced ? {} : { priced: false }),
    ...(usage.estimatedTokens === undefined ? {} : { estimated: true }),
  };
}
