/** Limits of one (key, model), all per minute. */
export type RateLimits = { requests: number; inputTokens: number; outputTokens: number };

/** Far above what one process can serve: nobody is limited unless a test configures less. */
export const DEFAULT_LIMITS: RateLimits = {
  requests: 300_000,
  inputTokens: 1_000_000_000,
  outputTokens: 200_000_000,
};

const MINUTE_MS = 60_000;

type Kind = keyof RateLimits;
type Level = { left: number; at: number };

export type RateLimiter = {
  /** Takes one request and its input. Returns the seconds to wait when a bucket is empty, else undefined. */
  take: (key: string, inputTokens: number, now: number) => number | undefined;
  /** Corrections once they are known: cached input given back, output taken. A bucket may go below zero. */
  correct: (key: string, change: { cachedInput: number; output: number }, now: number) => void;
  /** The twelve `anthropic-ratelimit-*` headers. */
  headers: (key: string, now: number) => Record<string, string>;
  clear: () => void;
};

/** Token buckets that refill steadily to their limit within a minute. */
export const createRateLimiter = (limits: RateLimits): RateLimiter => {
  const buckets = new Map<string, Record<Kind, Level>>();

  const levels = (key: string, now: number): Record<Kind, Level> => {
    const full = (kind: Kind): Level => ({ left: limits[kind], at: now });
    const known = buckets.get(key) ?? {
      requests: full('requests'),
      inputTokens: full('inputTokens'),
      outputTokens: full('outputTokens'),
    };
    for (const kind of ['requests', 'inputTokens', 'outputTokens'] as const) {
      const level = known[kind];
      const refill = ((now - level.at) / MINUTE_MS) * limits[kind];
      known[kind] = { left: Math.min(limits[kind], level.left + refill), at: now };
    }
    buckets.set(key, known);
    return known;
  };

  const msUntil = (kind: Kind, level: Level, wanted: number): number =>
    Math.max(0, Math.ceil(((wanted - level.left) / limits[kind]) * MINUTE_MS));

  const headersFor = (
    name: string,
    limit: number,
    left: number,
    resetAt: number,
  ): Record<string, string> => ({
    [`anthropic-ratelimit-${name}-limit`]: String(limit),
    [`anthropic-ratelimit-${name}-remaining`]: String(Math.max(0, Math.floor(left))),
    [`anthropic-ratelimit-${name}-reset`]: new Date(resetAt).toISOString(),
  });

  return {
    clear: () => buckets.clear(),
    take: (key, inputTokens, now) => {
      const level = levels(key, now);
      // A request larger than the whole bucket could never pass, so a full bucket is enough for it.
      const input = Math.min(inputTokens, limits.inputTokens);
      const wait = Math.max(
        msUntil('requests', level.requests, 1),
        msUntil('inputTokens', level.inputTokens, input),
        msUntil('outputTokens', level.outputTokens, 1),
      );
      if (wait > 0) return Math.ceil(wait / 1000);
      level.requests.left -= 1;
      level.inputTokens.left -= input;
      return undefined;
    },
    correct: (key, { cachedInput, output }, now) => {
      const level = levels(key, now);
      level.inputTokens.left = Math.min(limits.inputTokens, level.inputTokens.left + cachedInput);
      level.outputTokens.left -= output;
    },
    headers: (key, now) => {
      const level = levels(key, now);
      const input = level.inputTokens;
      const output = level.outputTokens;
      const reset = (kind: Kind): number => now + msUntil(kind, level[kind], limits[kind]);
      const both = limits.inputTokens + limits.outputTokens;
      return {
        ...headersFor('requests', limits.requests, level.requests.left, reset('requests')),
        ...headersFor('input-tokens', limits.inputTokens, input.left, reset('inputTokens')),
        ...headersFor('output-tokens', limits.outputTokens, output.left, reset('outputTokens')),
        ...headersFor(
          'tokens',
          both,
          Math.max(0, input.left) + Math.max(0, output.left),
          Math.max(reset('inputTokens'), reset('outputTokens')),
        ),
      };
    },
  };
};
