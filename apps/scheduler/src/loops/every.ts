import type { Logger } from '@claude-flow/core/runtime/logger';

export interface Periodic {
  /** No round begins any more; resolves when the one at hand is done. */
  stop(): Promise<void>;
}

/** Does something again and again, with a pause in between. A round that fails is logged, and the next one comes. */
export function every(
  pauseMs: number,
  log: Logger,
  what: string,
  work: (signal: AbortSignal) => Promise<void>,
): Periodic {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();

  async function round(): Promise<void> {
    try {
      await work(stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) log.error({ err: error }, `${what} failed; the next one follows`);
    }
  }
  function next(): void {
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      running = round().finally(next);
    }, pauseMs);
  }
  next();

  return {
    stop() {
      stopping.abort();
      clearTimeout(timer);
      return running;
    },
  };
}
