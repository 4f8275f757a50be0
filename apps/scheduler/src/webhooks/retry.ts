import { MOST_ATTEMPTS, MOST_TIME_MS, RETRY_FIRST_MS, RETRY_LONGEST_MS } from './tunables.ts';

/** How deliveries that fail are tried again. */
export interface RetryPlan {
  firstMs: number;
  longestMs: number;
  mostAttempts: number;
  mostTimeMs: number;
}
export const RETRY_PLAN: RetryPlan = {
  firstMs: RETRY_FIRST_MS,
  longestMs: RETRY_LONGEST_MS,
  mostAttempts: MOST_ATTEMPTS,
  mostTimeMs: MOST_TIME_MS,
};

/**
 * @param attempts failed tries, this one included @param failingMs since the first of them @param random 0..1
 * @returns milliseconds until the next try, half of them by chance; undefined: no more
 */
export function nextTry(
  plan: RetryPlan,
  attempts: number,
  failingMs: number,
  random: number,
): number | undefined {
  if (attempts >= plan.mostAttempts || failingMs >= plan.mostTimeMs) return undefined;
  const full = Math.min(plan.longestMs, plan.firstMs * 2 ** (attempts - 1));
  return Math.round(full / 2 + (full / 2) * random);
}
