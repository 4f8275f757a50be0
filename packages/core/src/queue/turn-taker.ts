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
  /** A look that is put off. */
  let later: { timer: NodeJS.Timeout; look: () => Promise<void> } | undefined;

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
    if (later !== undefined) return;
    const pauseMs = emptyUntil - performance.now();
    if (pauseMs <= 0) {
      begin(look);
      return;
    }
    const timer = setTimeout(() => {
      later = undefined;
      begin(look);
    }, pauseMs);
    timer.unref();
    later = { timer, look };
  }
  return {
    soon,
    heard(waitingSwarms) {
      emptyUntil = waitingSwarms === 0 ? performance.now() + RING_EMPTY_FOR_MS : 0;
      if (emptyUntil !== 0 || later === undefined) return;
      // Somebody waits after all, perhaps for the very room that the look was put off for: it comes now.
      const { timer, look } = later;
      clearTimeout(timer);
      later = undefined;
      soon(look);
    },
    close() {
      closed = true;
      clearTimeout(later?.timer);
      return running ?? Promise.resolve();
    },
  };
}
