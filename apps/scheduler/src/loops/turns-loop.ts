import { takeTurns } from '@claude-flow/core/queue/dispatcher';
import { TURNS_EVERY_MS } from '@claude-flow/core/runtime/tunables';
import { every, type Periodic } from './every.ts';
import type { SweepDeps } from './sweep/sweep.ts';

/**
 * Sees to the swarms that wait for their turn, behind the workers, which do so whenever they take a job; and wakes workers
 * that sleep although there is a job for them. One small script a round when nobody waits; any number of schedulers may.
 */
export function startTurnsLoop(deps: SweepDeps, everyMs = TURNS_EVERY_MS): Periodic {
  return every(everyMs, deps.log, 'A look at those who wait', async () => {
    const { waitingSwarms, waitingOwners } = await takeTurns(deps, true);
    deps.metrics.waitingSwarms.set(waitingSwarms);
    deps.metrics.waitingOwners.set(waitingOwners);
  });
}
