import type { Usage } from '@claude-flow/core/domain/task';
import { PRICES, priceOf } from './prices.ts';

/** Usage as a provider reports it; any field may be missing or null. */
export interface ReportedUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_creation?: {
    ephemeral_5m_input_tokens?: number | null;
    ephemeral_1h_input_tokens?: number | null;
  } | null;
  service_tier?: string | null;
  inference_geo?: string | null;
}

export interface MeteredUsage {
  usage: Usage;
  /** The model is in the price list. If not, `costMicros` is 0 and means "unknown". */
  priced: boolean;
}

const count = (value: number | null | undefined): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;

/** Tokens of one model call and what they cost, in whole millionths of a US dollar. */
export function meterUsage(model: string, reported: ReportedUsage): MeteredUsage {
  const inputTokens = count(reported.input_tokens);
  const outputTokens = count(reported.output_tokens);
  const cacheReadTokens = count(reported.cache_read_input_tokens);
  const hourWrites = count(reported.cache_creation?.ephemeral_1h_input_tokens);
  const splitWrites = hourWrites + count(reported.cache_creation?.ephemeral_5m_input_tokens);
  const cacheWriteTokens = Math.max(count(reported.cache_creation_input_tokens), splitWrites);
  const tokens = { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };

  const tier = priceOf(model, inputTokens + cacheReadTokens + cacheWriteTokens);
  if (tier === undefined) return { usage: { ...tokens, costMicros: 0 }, priced: false };
  const full =
    inputTokens * tier.input +
    outputTokens * tier.output +
    cacheReadTokens * tier.cacheRead +
    hourWrites * tier.cacheWrite1h +
    (cacheWriteTokens - hourWrites) * tier.cacheWrite5m;
  const batch = reported.service_tier === 'batch' ? PRICES.batchFactor : 1;
  const place = reported.inference_geo === 'us' ? PRICES.usOnlyFactor : 1;
  return { usage: { ...tokens, costMicros: Math.round(full * batch * place) }, priced: true };
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicros: 0,
};

export function addUsage(a: Usage, b: Usage): Usage {
  const estimated = (a.estimatedTokens ?? 0) + (b.estimatedTokens ?? 0);
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    costMicros: a.costMicros + b.costMicros,
    ...(estimated === 0 ? {} : { estimatedTokens: estimated }),
  };
}
