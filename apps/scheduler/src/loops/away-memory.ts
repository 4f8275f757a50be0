import { isRedisAway } from '@claude-flow/core/redis/connect';
import { LEASES_COUNT_AFTER_MS, LEDGER_BREAK_MS } from '@claude-flow/core/runtime/tunables';

/**
 * When Redis was away for this process: it refused, or held up what was asked of it. The ledger knows by itself when it was away for
 * everybody (`reclaim-task`); this is for a way to it that only some share, this scheduler and the workers among them.
 */
export interface AwayMemory {
  /** Notes how this went: an error that tells of it, and a command, or a few, that took too long. */
  watch<T>(work: () => Promise<T>): Promise<T>;
  /** Notes an error, should it tell of that. */
  failed(error: unknown): void;
  /** Was it away within the time that others need to be back? */
  lately(): boolean;
}

export function createAwayMemory(now: () => number, forMs = LEASES_COUNT_AFTER_MS): AwayMemory {
  let awayAt = Number.NEGATIVE_INFINITY;
  const failed = (error: unknown) => {
    if (isRedisAway(error)) awayAt = now();
  };
  return {
    async watch(work) {
      const askedAt = now();
      try {
        return await work();
      } catch (error) {
        failed(error);
        throw error;
      } finally {
        if (now() - askedAt > LEDGER_BREAK_MS) awayAt = now();
      }
    },
    failed,
    lately: () => now() - awayAt < forMs,
  };
}
