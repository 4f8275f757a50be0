import { WATCH_EVERY_MS } from '@claude-flow/core/runtime/tunables';
import { every, type Periodic } from './every.ts';
import type { SweepDeps } from './sweep/sweep.ts';
import { createWorkerWatch } from './watch/watch-workers.ts';

/** Looks after lost workers again and again: the fast path, with the leases behind it. */
export function startWatchLoop(
  deps: SweepDeps,
  everyMs = WATCH_EVERY_MS,
  reconnectGraceMs?: number,
): Periodic {
  const watch = createWorkerWatch(deps, reconnectGraceMs);
  const periodic = every(everyMs, deps.log, 'A look at the workers', () => watch.look());
  return {
    async stop() {
      await periodic.stop();
      await watch.end().catch((error: unknown) => deps.log.debug({ err: error }, 'The watch lock runs out'));
    },
  };
}
