/** The longest that a timer can wait: some 25 days. A longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A time that a caller chose, as a timer can wait it. */
export function timerMs(ms: number): number {
  return Number.isNaN(ms) ? LONGEST_TIMER_MS : Math.min(LONGEST_TIMER_MS, Math.max(0, ms));
}

/** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, timerMs(ms));
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export interface Deadline {
  signal: AbortSignal;
  /** True when it was the time that ran out, not the caller who gave up. */
  readonly expired: boolean;
  /** Starts the time anew: something has happened. */
  renew(): void;
  end(): void;
}

/** A signal that is aborted by the caller's, or after `ms`. (`AbortSignal.any` is missing in Node 18.) */
export function deadline(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  let expired = false;
  const expire = () => {
    expired = true;
    controller.abort();
  };
  let timer = setTimeout(expire, timerMs(ms));
  const onAbort = () => controller.abort(outer?.reason);
  if (outer?.aborted) onAbort();
  outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    renew() {
      clearTimeout(timer);
      timer = setTimeout(expire, timerMs(ms));
    },
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}

/**
 * How long to rest before the next try: exponential with jitter, so that clients that failed together do not come back
 * together. @param failures from 1 @param random 0..1 @returns milliseconds, between half and all of the step
 */
export function backOffMs(
  failures: number,
  random: number,
  limits: { baseMs: number; capMs: number },
): number {
  const step = Math.min(limits.capMs, limits.baseMs * 2 ** Math.max(0, failures - 1));
  return Math.round(step / 2 + (step / 2) * random);
}
