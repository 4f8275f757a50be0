import type { SwarmEvent } from '../contracts/swarm-event.ts';
import type { Ledger } from './ledger.ts';

/**
 * A swarm's events after a given number, in order and without a gap.
 * @param after 0 for all
 */
export async function readEvents(
  ledger: Ledger,
  swarmId: string,
  after: number,
  limit: number,
): Promise<SwarmEvent[]> {
  const key = ledger.keys.swarm(swarmId, 'events');
  const entries = await ledger.redis.xrange(key, `${after + 1}-0`, '+', 'COUNT', limit);
  return entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as SwarmEvent);
}
