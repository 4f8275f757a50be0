import { isSwarmId } from '@claude-flow/core/domain/ids';
import { dispatchWaiting } from '@claude-flow/core/queue/dispatcher';
import type { Queues } from '@claude-flow/core/queue/queues';
import { SWEEP_BATCH } from '@claude-flow/core/runtime/tunables';
import { scanAccounts } from '@claude-flow/core/store/admission';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { readSwarmLoad } from '@claude-flow/core/store/swarm-load';

/**
 * Compares what admission believes with what the ledger says, swarm by swarm: attempts whose end nobody reported, starts
 * that never came, swarms that ended unnoticed. What that sets free goes to those who wait.
 * @returns how many tasks were queued
 */
export async function reconcileAdmission(
  deps: { ledger: Ledger; queues: Queues },
  signal?: AbortSignal,
): Promise<number> {
  let cursor = '0';
  let queued = 0;
  do {
    const page = await scanAccounts(deps.ledger, cursor, SWEEP_BATCH);
    const loads = await Promise.all(
      page.swarmIds.filter(isSwarmId).map((swarmId) => readSwarmLoad(deps.ledger, swarmId)),
    );
    queued += await dispatchWaiting(deps, loads);
    cursor = page.cursor;
  } while (cursor !== '0' && !signal?.aborted);
  return queued;
}
