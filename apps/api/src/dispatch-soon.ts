import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import type { ApiDeps } from './deps.ts';

/** Queues a swarm's ready tasks without keeping the client waiting. What fails here, a sweep repairs. */
export function dispatchSoon(deps: Pick<ApiDeps, 'ledger' | 'queues' | 'log'>, swarmId: string): void {
  dispatchSwarm(deps, swarmId).catch((error: unknown) => {
    deps.log.warn({ err: error, swarmId }, 'The tasks could not be dispatched; a sweep will');
  });
}
