import { forgetWorker } from '@claude-flow/core/store/workers';
import { repair } from '../loops/sweep/repair.ts';
import { report, type SweepDeps } from '../loops/sweep/sweep.ts';
import { repairKey } from '../loops/walk/look-at-keys.ts';
import { recoverWorker } from '../loops/watch/recover-worker.ts';
import { type ExamineOptions, examine } from './examine.ts';
import { type Found, identity } from './found.ts';

/** Mending one thing may bring out another: a swarm that is back in the index is looked at only then. */
const ROUNDS = 4;

export interface Treatment {
  /** All that was found, in any round. */
  found: Found[];
  /** What is still wrong. */
  left: Found[];
}

/** Examines, and mends until nothing is found any more, with the sweep's own repairs. */
export async function treat(deps: SweepDeps, options: ExamineOptions = {}): Promise<Treatment> {
  const all = new Map<string, Found>();
  let found = await examine(deps, options);
  for (let round = 0; round < ROUNDS && found.length > 0; round += 1) {
    for (const one of found) {
      all.set(identity(one), one);
      await mend(deps, one);
    }
    found = await examine(deps, options);
  }
  for (const one of found) all.set(identity(one), one);
  return { found: [...all.values()], left: found };
}

async function mend(deps: SweepDeps, found: Found): Promise<void> {
  switch (found.kind) {
    case 'swarm':
      if (await repair(deps, found.swarmId, found.finding, found.now))
        await report(deps, found.swarmId, found.finding);
      return;
    case 'key':
      await repairKey(deps.ledger, found.finding);
      return;
    case 'worker':
      await recoverWorker(deps, found.workerId, found.missedAt);
      await forgetWorker(deps.ledger, found.workerId);
  }
}
