import type { Random } from '../random.ts';

/** Time of one simulated call, in ms. */
type Pace = { firstMs: number; spreadMs: number };

/** At most this long, relative to the mean time to the first token, do the remaining tokens take. */
const MAX_SPREAD = 2;
/** An answer of this many tokens takes as long again as its first token. */
const TOKENS_PER_LATENCY = 400;

/** Time until the first token (mean as configured, between half and one and a half of it) and for all others. */
export const paceOf = (meanMs: number, outputTokens: number, random: Random): Pace => ({
  firstMs: meanMs * (0.5 + random.next()),
  spreadMs: meanMs * Math.min(MAX_SPREAD, outputTokens / TOKENS_PER_LATENCY),
});

/** Waits, or stops waiting when the signal aborts. Never rejects; look at the signal afterwards. */
export const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (ms <= 0 || signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
