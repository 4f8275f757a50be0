import { setTimeout as sleep } from 'node:timers/promises';
import { isRedisAway } from '@claude-flow/core/redis/connect';
import { REDIS_RETRY_MS } from '@claude-flow/core/runtime/tunables';

/**
 * Something that may be sent twice: tried again while Redis is full, or refuses for another reason that passes.
 * @throws the signal's reason; every other error as it is
 */
export async function untilAnswered<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isRedisAway(error)) throw error;
      await sleep(REDIS_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
