import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import type { ApiDeps } from '../http/deps.ts';

type Deps = Pick<ApiDeps, 'ledger' | 'queues' | 'log'>;

/** Queues a swarm's ready tasks without keeping the client waiting. What fails here, a sweep repairs. */
export function dispatchSoon(deps: Deps, swarmId: string): void {
  sentOn(deps, swarmId, dispatchSwarm(deps, swarmId));
}

/** The same, of tasks that are on their way. */
export function sentOn({ log }: Pick<Deps, 'log'>, swarmId: string, sending: Promise<unknown>): void {
  sending.catch((error: unknown) => {
    log.warn({ err: error, swarmId }, 'The tasks could not be dispatched; a sweep will');
  });
}
