import { SWEEP_EVERY_MS, SWEEP_LOCK_MS } from '@claude-flow/core/runtime/tunables';
import { withLock } from '@claude-flow/core/store/lock';
import { type SweepDeps, sweepOnce } from './sweep/sweep.ts';

export interface SweepLoop {
  /** No sweep begins any more; resolves when the one at hand is done. */
  stop(): Promise<void>;
}

/**
 * Sweeps again and again. A short lock keeps several schedulers from doing the same work at the same moment; that is
 * thrift, not safety: two sweeps at once do no harm. A sweep that fails is logged, and the next one comes.
 */
export function startSweepLoop(deps: SweepDeps, everyMs = SWEEP_EVERY_MS): SweepLoop {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();

  async function sweep(): Promise<void> {
    try {
      await withLock(deps.ledger, 'sweep', SWEEP_LOCK_MS, () => sweepOnce(deps, stopping.signal));
    } catch (error) {
      if (!stopping.signal.aborted) deps.log.error({ err: error }, 'A sweep failed; the next one follows');
    }
  }

  function next(): void {
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      running = sweep().finally(next);
    }, everyMs);
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
