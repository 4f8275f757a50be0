import { WALK_EVERY_MS } from '@claude-flow/core/runtime/tunables';
import { withLock } from '@claude-flow/core/store/lock';
import { every, type Periodic } from './every.ts';
import { type WalkDeps, walkStep } from './walk/walk-keys.ts';

/** Walks over all keys, a small step at a time and one scheduler at a time, and goes round again for ever. */
export function startWalkLoop(deps: WalkDeps, everyMs = WALK_EVERY_MS): Periodic {
  return every(everyMs, deps.log, 'A step of the walk over all keys', async () => {
    // Held until it runs out on a crash only; a step is far shorter.
    await withLock(deps.ledger, 'walk', WALK_EVERY_MS, () => walkStep(deps));
  });
}
