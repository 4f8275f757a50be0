import type { Scenario } from './control/rules.ts';
import type { Stats } from './control/stats.ts';
import type { RateLimiter } from './limits/buckets.ts';
import type { ThinkingSigner } from './thinking/signature.ts';
import type { PromptCache } from './tokens/cache.ts';

/** What the handlers share. Counters, rules, cache and limits are in memory; answers depend on none of them. */
export type Deps = {
  seed: string;
  /** Mean time until the first token, in ms. */
  latencyMs: number;
  /** The share of answers that are sent in an awkward way, 0 to 1. */
  awkwardShare: number;
  now: () => number;
  stats: Stats;
  scenario: Scenario;
  cache: PromptCache;
  limiter: RateLimiter;
  signer: ThinkingSigner;
  /** Aborted when the server closes, so that hanging calls end. */
  closing: AbortSignal;
};
