import type { SwarmState } from '@claude-flow/core/domain/task';
import { requestRepair } from '@claude-flow/core/queue/dispatcher';
import { hasExpiredLease } from '@claude-flow/core/store/observations';
import type { ApiDeps } from '../http/deps.ts';

/**
 * A read met a swarm that is past its deadline, or a task past its lease: a scheduler is asked to look, without keeping the
 * client waiting. What fails here, a sweep repairs.
 */
export function repairSoon(
  deps: Pick<ApiDeps, 'ledger' | 'queues' | 'log' | 'now'>,
  swarm: SwarmState,
): void {
  if (swarm.status !== 'executing') return;
  const overdue = swarm.deadlineAt !== undefined && swarm.deadlineAt <= deps.now();
  const ask = async () => {
    if (overdue || (await hasExpiredLease(deps.ledger, swarm.id))) await requestRepair(deps.queues, swarm.id);
  };
  ask().catch((error: unknown) => {
    deps.log.debug(
      { err: error, swarmId: swarm.id },
      'A repair could not be asked for; a sweep will see to it',
    );
  });
}
