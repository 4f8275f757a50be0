import { z } from 'zod';
import { isModel } from './model-ids.ts';
import data from './prices-2026-11.json' with { type: 'json' };

const price = z.number().nonnegative();
const tierSchema = z.strictObject({
  /** Absent: for prompts of any length. */
  upToPromptTokens: z.number().int().positive().optional(),
  input: price,
  output: price,
  cacheWrite5m: price,
  cacheWrite1h: price,
  cacheRead: price,
});
/** US dollars per million tokens, which is the same as millionths of a dollar per token. */
export type PriceTier = z.infer<typeof tierSchema>;

const tableSchema = z.strictObject({
  asOf: z.iso.date(),
  unit: z.literal('USD per million tokens'),
  notes: z.string(),
  batchFactor: price,
  usOnlyFactor: price,
  models: z.record(z.string(), z.array(tierSchema).min(1)),
});

/** The price list in force; a new one is a new file. */
export const PRICES = tableSchema.parse(data);

/** @returns the prices of a model for a prompt of this length; undefined for a model that is not in the list */
export function priceOf(model: string, promptTokens: number): PriceTier | undefined {
  const found = Object.entries(PRICES.models).find(([id]) => isModel(model, id));
  return found?.[1].find((tier) => promptTokens <= (tier.upToPromptTokens ?? Number.POSITIVE_INFINITY));
}

/** Is what this model costs known? */
export function isPriced(model: string): boolean {
  return priceOf(model, 0) !== undefined;
}
