import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

/** Long enough to leave the processor to the others, short enough to go unnoticed. */
const DEFAULT_EVERY_MS = 20;

export interface WaitOptions {
  deadlineMs: number;
  everyMs?: number;
  /** What is waited for, for the failure's message: "the swarm to complete". */
  what: string;
}

/**
 * Asks until the condition gives something other than undefined, null or false, and returns that. An error that
 * it throws counts as "not yet". Rejects at the deadline with `what` and the last answer or error.
 */
export async function waitFor<T>(
  condition: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  { deadlineMs, everyMs = DEFAULT_EVERY_MS, what }: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  const late = Symbol('late');
  for (;;) {
    let last: string;
    let cause: unknown;
    const timeUp = new AbortController();
    try {
      const remainingMs = Math.max(0, deadline - performance.now());
      const timer = delay(remainingMs, late, { signal: timeUp.signal });
      timer.catch(() => {});
      const answer = await Promise.race([condition(), timer]);
      if (answer === late) last = 'there was no answer yet';
      else if (answer === undefined || answer === null || answer === false) last = `last: ${inspect(answer)}`;
      else return answer as T;
    } catch (error) {
      cause = error;
      last = `last error: ${error instanceof Error ? error.message : inspect(error)}`;
    } finally {
      timeUp.abort();
    }
    if (performance.now() >= deadline) {
      throw new Error(`Waited ${deadlineMs / 1000} s in vain for ${what} (${last}).`, { cause });
    }
    await delay(everyMs);
  }
}
