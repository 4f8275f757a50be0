import { RING_EMPTY_FOR_MS } from '../runtime/tunables.ts';

/** Looks for turns in the background of one process: one look at a time, none lost. */
export interface TurnTaker {
  /** Room was made, or somebody was left waiting: looks soon, unless nobody waited a very short moment ago; then a bit later. */
  soon(look: () => Promise<void>): void;
  /** What the last answer said. */
  heard(waitingSwarms: number): void;
  /** No look begins any more; resolves when the one at hand is done. */
  close(): Promise<void>;
}

export function createTurnTaker(onError: (error: Error) => void): TurnTaker {
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let emptyUntil = 0;
  let timer: NodeJS.Timeout | undefined;

  function begin(look: () => Promise<void>): void {
    if (closed) return;
    running = look()
      .catch((error: unknown) => {
        if (!closed) onError(error as Error);
      })
      .finally(() => {
        running = undefined;
        if (!again) return;
        again = false;
        soon(look);
      });
  }
  function soon(look: () => Promise<void>): void {
    if (running !== undefined) {
      again = true;
      return;
    }
    if (timer !== undefined) return;
    const pauseMs = emptyUntil - performance.now();
    if (pauseMs <= 0) {
      begin(look);
      return;
    }
    timer = setTimeout(() => {
      timer = undefined;
      begin(look);
    }, pauseMs);
    timer.unref();
  }
  return {
    soon,
    heard(waitingSwarms) {
      emptyUntil = waitingSwarms === 0 ? performance.now() + RING_EMPTY_FOR_MS : 0;
      if (emptyUntil !== 0) return;
      // Somebody waits: a look that was put off need not be.
      clearTimeout(timer);
      timer = undefined;
    },
    close() {
      closed = true;
      clearTimeout(timer);
      return running ?? Promise.resolve();
    },
  };
}
