import { isRedisAway } from '@claude-flow/core/redis/connect';
import {
  LEASES_COUNT_AFTER_MS,
  REDIS_HELD_UP_MS,
  SWEEP_EVERY_MS,
  SWEEP_LOCK_MS,
} from '@claude-flow/core/runtime/tunables';
import { withLock } from '@claude-flow/core/store/lock';
import { every, type Periodic } from './every.ts';
import { type SweepDeps, sweepOnce } from './sweep/sweep.ts';

/**
 * Sweeps again and again. A short lock keeps several schedulers from doing the same work at the same moment; that is
 * thrift, not safety: two sweeps at once do no harm. Shortly after Redis refused or did not answer, ended leases count for
 * nothing: nobody could renew, and whoever lives is about to.
 */
export function startSweepLoop(deps: SweepDeps, everyMs = SWEEP_EVERY_MS): Periodic {
  let awayAt = Number.NEGATIVE_INFINITY;
  return every(everyMs, deps.log, 'A sweep', async (signal) => {
    const askedAt = performance.now();
    try {
      await withLock(deps.ledger, 'sweep', SWEEP_LOCK_MS, () => {
        const now = performance.now();
        if (now - askedAt > REDIS_HELD_UP_MS) awayAt = now;
        return sweepOnce(deps, signal, now - awayAt < LEASES_COUNT_AFTER_MS);
      });
    } catch (error) {
      if (isRedisAway(error)) awayAt = performance.now();
      throw error;
    }
  });
}
