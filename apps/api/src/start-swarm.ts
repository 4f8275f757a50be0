import { reserveStart } from '@claude-flow/core/store/admission';
import { startSwarm } from '@claude-flow/core/store/swarms';
import type { ApiDeps } from './deps.ts';
import { dispatchSoon } from './dispatch-soon.ts';

type StartDeps = Pick<ApiDeps, 'config' | 'ledger' | 'queues' | 'log'>;

/**
 * Starts a swarm if there is a place for it. While its plan is being made it already has one.
 * @throws ClaudeFlowError `limit_exceeded`, `swarm_not_found`, `swarm_state_conflict`
 */
export async function startWithinLimit(deps: StartDeps, swarm: { id: string; owner: string }): Promise<void> {
  await reserveStart(deps.ledger, swarm, deps.config.maxSwarms);
  try {
    await startSwarm(deps.ledger, swarm.id);
  } finally {
    // Sends its tasks on; or, when it could not be started, tells so, and its place is free again.
    dispatchSoon(deps, swarm.id);
  }
}
