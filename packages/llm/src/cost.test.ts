import { describe, expect, it } from 'vitest';
import { addUsage, meterUsage, NO_USAGE } from './cost.ts';
import { priceOf } from './prices.ts';

describe('meterUsage', () => {
  it('prices input, output and the cache, in millionths of a dollar', () => {
    const { usage, priced } = meterUsage('claude-opus-5-5', {
      input_tokens: 1_000,
      output_tokens: 500,
      cache_read_input_tokens: 10_000,
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    });
    expect(priced).toBe(true);
    expect(usage).toEqual({
      inputTokens: 1_000,
      outputTokens: 500,
      cacheReadTokens: 10_000,
      cacheWriteTokens: 300,
      costMicros: 4_000 + 10_000 + 2_000 + 500 + 1_600,
    });
  });

  it('takes cache writes without a split for five-minute ones', () => {
    const usage = { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 1_000 };
    expect(meterUsage('claude-sonnet-5-5', usage).usage.costMicros).toBe(2_500);
  });

  it('counts haiku by the length of the whole prompt', () => {
    const short = { input_tokens: 100_000, output_tokens: 1_000 };
    const long = { input_tokens: 50_000, cache_read_input_tokens: 50_001, output_tokens: 1_000 };
    expect(meterUsage('claude-haiku-5-5', short).usage.costMicros).toBe(10_000 + 500);
    expect(meterUsage('claude-haiku-5-5', long).usage.costMicros).toBe(Math.round(25_000 + 2_500.05 + 2_500));
  });

  it('survives nulls and missing fields', () => {
    const empty = { input_tokens: null, output_tokens: null, cache_creation: null };
    expect(meterUsage('claude-sonnet-5-5', empty)).toEqual({ usage: NO_USAGE, priced: true });
    expect(meterUsage('claude-sonnet-5-5', {}).usage).toEqual(NO_USAGE);
  });

  it('says when it knows no price', () => {
    const metered = meterUsage('qwen3-coder', { input_tokens: 10, output_tokens: 5 });
    expect(metered.priced).toBe(false);
    expect(metered.usage).toMatchObject({ inputTokens: 10, outputTokens: 5, costMicros: 0 });
  });

  it('halves batches and adds the price of a place', () => {
    const usage = { input_tokens: 1_000_000, output_tokens: 0 };
    expect(meterUsage('claude-sonnet-5-5', { ...usage, service_tier: 'batch' }).usage.costMicros).toBe(
      1_000_000,
    );
    expect(meterUsage('claude-sonnet-5-5', { ...usage, inference_geo: 'us' }).usage.costMicros).toBe(
      2_200_000,
    );
  });

  it('adds up', () => {
    const one = meterUsage('claude-sonnet-5-5', { input_tokens: 1, output_tokens: 2 }).usage;
    expect(addUsage(one, one)).toMatchObject({ inputTokens: 2, outputTokens: 4, costMicros: 44 });
  });
});

describe('priceOf', () => {
  it('knows dated names, and does not take one version for another', () => {
    expect(priceOf('claude-opus-5-5-20260922', 1)?.input).toBe(4);
    expect(priceOf('claude-opus-5-20260101', 1)?.input).toBe(5);
    expect(priceOf('claude-opus-5-6', 1)).toBeUndefined();
  });
});
