import { SWEEP_EVERY_MS, SWEEP_LOCK_MS } from '@claude-flow/core/runtime/tunables';
import { withLock } from '@claude-flow/core/store/lock';
import { createAwayMemory } from './away-memory.ts';
import { every, type Periodic } from './every.ts';
import { type SweepDeps, sweepOnce } from './sweep/sweep.ts';

/**
 * Sweeps again and again. A short lock keeps several schedulers from doing the same work at the same moment; that is
 * thrift, not safety: two sweeps at once do no harm. For a while after Redis refused or did not answer, ended leases count for
 * nothing: nobody could renew, and whoever lives is about to.
 */
export function startSweepLoop(deps: SweepDeps, everyMs = SWEEP_EVERY_MS): Periodic {
  const away = createAwayMemory(() => performance.now(), deps.leasesCountAfterMs);
  return every(everyMs, deps.log, 'A sweep', async (signal) => {
    // What holds this up, or refuses it, would do the same to every worker.
    await away.watch(() => deps.ledger.redis.time());
    try {
      await withLock(deps.ledger, 'sweep', SWEEP_LOCK_MS, () => sweepOnce(deps, signal, away));
    } catch (error) {
      away.failed(error);
      throw error;
    }
  });
}
