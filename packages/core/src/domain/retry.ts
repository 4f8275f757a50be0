/** Waits grow from here, doubling, up to the cap (milliseconds). */
export const RETRY_BASE_MS = 1_000;
export const RETRY_CAP_MS = 60_000;

/**
 * How long a task rests before its next attempt: exponential, with jitter so that a fleet that failed together does
 * not come back together.
 * @param failures failed attempts so far, from 1
 * @param random 0..1
 * @returns milliseconds, between half and all of the exponential step
 */
export function retryDelayMs(failures: number, random: number, baseMs = RETRY_BASE_MS): number {
  const step = Math.min(RETRY_CAP_MS, baseMs * 2 ** Math.max(0, failures - 1));
  return Math.round(step / 2 + (step / 2) * random);
}
