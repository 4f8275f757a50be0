import { SWEEP_EVERY_MS, SWEEP_LOCK_MS } from '@claude-flow/core/runtime/tunables';
import { withLock } from '@claude-flow/core/store/lock';
import { every, type Periodic } from './every.ts';
import { type SweepDeps, sweepOnce } from './sweep/sweep.ts';

/**
 * Sweeps again and again. A short lock keeps several schedulers from doing the same work at the same moment; that is
 * thrift, not safety: two sweeps at once do no harm.
 */
export function startSweepLoop(deps: SweepDeps, everyMs = SWEEP_EVERY_MS): Periodic {
  return every(everyMs, deps.log, 'A sweep', async (signal) => {
    await withLock(deps.ledger, 'sweep', SWEEP_LOCK_MS, () => sweepOnce(deps, signal));
  });
}
