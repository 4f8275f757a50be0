import { publishControl } from '@claude-flow/core/relay/control';
import type { ApiDeps } from '../http/deps.ts';

/** Has all workers drop a swarm at once. One that misses it learns it from its next heartbeat. */
export async function tellWorkers(deps: Pick<ApiDeps, 'ledger' | 'log'>, swarmId: string): Promise<void> {
  await publishControl(deps.ledger, { type: 'stop', swarmId }).catch((error: unknown) => {
    deps.log.warn({ err: error, swarmId }, 'The stop could not be broadcast');
  });
}
