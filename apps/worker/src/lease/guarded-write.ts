import { setTimeout as sleep } from 'node:timers/promises';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { isRedisAway } from '@claude-flow/core/redis/connect';
import { REDIS_RETRY_MS } from '@claude-flow/core/runtime/tunables';
import { AttemptAborted } from './attempt-aborted.ts';

/**
 * A write to the ledger that carries the claim's token and may be repeated: tried until Redis takes it or the signal ends it.
 * @throws AttemptAborted `fenced` when the task is no longer this claim's; the signal's reason; other errors as they are
 */
export async function guardedWrite<T>(signal: AbortSignal, write: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await untilAborted(signal, write());
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ClaudeFlowError && (error.code === 'fenced' || error.code === 'swarm_not_found')) {
        throw new AttemptAborted('fenced');
      }
      if (!isRedisAway(error)) throw error;
      await sleep(REDIS_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Stops waiting when aborted. What was sent may still arrive; its token decides what it is worth. */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  signal.throwIfAborted();
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
