import { strictFields } from '@claude-flow/core/contracts/strict-fields';
import { z } from '@hono/zod-openapi';

const MAX_TOKENS = 1_000_000_000_000;
const MAX_COST_USD = 1_000_000;
/** A millionth of a dollar: what costs are counted in. */
const LEAST_COST_USD = 0.000001;

/** What a new swarm may use. */
export const newBudget = strictFields({
  maxTokens: z.int().min(1).max(MAX_TOKENS).optional().openapi({
    description:
      'Input, output and cache-write tokens of all its model calls; reads from the cache do not count',
    example: 2_000_000,
  }),
  maxCostUsd: z.number().min(LEAST_COST_USD).max(MAX_COST_USD).optional().openapi({
    description: 'US dollars by the price list; refused for a model that is not in it',
    example: 5,
  }),
})
  .refine(
    ({ maxTokens, maxCostUsd }) => maxTokens !== undefined || maxCostUsd !== undefined,
    'budget needs maxTokens, maxCostUsd or both.',
  )
  .openapi('NewBudget', {
    description:
      'Reached, the swarm ends failed with the reason budget; what was completed stays, and it cannot be resumed. Event budget.warning once at 80 %. At most the turns that were under way go beyond it.',
  });

/** The same of a swarm that is there, and what it has used. */
export const budget = z
  .object({
    maxTokens: z.number().int().nullable(),
    maxCostUsd: z.number().nullable(),
    usedTokens: z.number().int().openapi({ description: 'As maxTokens counts' }),
    usedCostUsd: z.number(),
    percentUsed: z
      .number()
      .openapi({ description: 'Of the limit that is nearest; 100 and more: it has ended' }),
  })
  .openapi('Budget');
