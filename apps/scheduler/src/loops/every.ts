import { isRedisAway } from '@claude-flow/core/redis/connect';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { REDIS_RETRY_MS } from '@claude-flow/core/runtime/tunables';

export interface Periodic {
  /** No round begins any more; resolves when the one at hand is done. */
  stop(): Promise<void>;
}

/**
 * Does something again and again, with a pause in between. A round that fails is logged, and the next one comes; soon when
 * Redis refused it, for it is needed most when Redis is to be had again.
 */
export function every(
  pauseMs: number,
  log: Logger,
  what: string,
  work: (signal: AbortSignal) => Promise<void>,
): Periodic {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let away = false;

  async function round(): Promise<void> {
    try {
      await work(stopping.signal);
      away = false;
    } catch (error) {
      if (!stopping.signal.aborted) tell(error);
      away = isRedisAway(error);
    }
  }
  function tell(error: unknown): void {
    if (!isRedisAway(error)) log.error({ err: error }, `${what} failed; the next one follows`);
    // One state, however many rounds it lasts.
    else log[away ? 'debug' : 'warn']({ err: error }, `${what} waits until Redis does its work again`);
  }
  const pause = () => (away ? Math.min(pauseMs, REDIS_RETRY_MS) : pauseMs);
  function next(): void {
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      running = round().finally(next);
    }, pause());
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
