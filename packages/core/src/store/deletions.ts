import { IDEMPOTENCY_TTL_S } from '../runtime/tunables.ts';
import { type Ledger, write } from './ledger.ts';

/** Remembers for a day that this owner has a swarm deleted. Before it is, so that a crash in between forgets nothing. */
export async function rememberDeletion(ledger: Ledger, owner: string, swarmId: string): Promise<void> {
  await write(ledger, ledger.keys.deletedSwarm(owner, swarmId), ['SET', '1', 'EX', IDEMPOTENCY_TTL_S]);
}

export async function wasDeletedBy(ledger: Ledger, owner: string, swarmId: string): Promise<boolean> {
  return (await ledger.redis.exists(ledger.keys.deletedSwarm(owner, swarmId))) === 1;
}
