/** The longest that a timer of Node can wait: some 25 days. It fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A time that a caller chose, as a timer can wait it: never at once because it is long, infinite or no number. */
export function timerMs(ms: number): number {
  return Number.isNaN(ms) ? LONGEST_TIMER_MS : Math.min(LONGEST_TIMER_MS, Math.max(0, ms));
}
