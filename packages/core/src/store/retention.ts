import { isSwarmId } from '../domain/ids.ts';
import { KNOWN_SWARM_CHECK_MS, KNOWN_SWARMS_PER_SWEEP } from '../runtime/tunables.ts';
import type { Ledger } from './ledger.ts';

/** A swarm in the set of all known ones: with the index that it has to leave when it is gone. */
export function knownEntry(ledger: Ledger, swarmId: string, owner: string): string {
  return `${swarmId} ${ledger.keys.ownerSwarms(owner)}`;
}

/**
 * Takes swarms that no longer exist (expired; or announced and never written) out of their owners' indexes, a bounded
 * number at a time. Any process may run it, any number at once.
 * @param now milliseconds since 1970; a clock that is wrong only changes when a swarm is looked at
 * @returns how many left
 */
export async function forgetGoneSwarms(ledger: Ledger, now = Date.now()): Promise<number> {
  const { redis, keys } = ledger;
  const due = await redis.zrangebyscore(keys.knownSwarms, '-inf', now, 'LIMIT', 0, KNOWN_SWARMS_PER_SWEEP);
  let gone = 0;
  for (const entry of due) {
    const [swarmId = '', ownerIndex = ''] = entry.split(' ');
    if (isSwarmId(swarmId)) {
      const left = await redis.pttl(keys.swarm(swarmId, 'meta'));
      if (left !== -2) {
        // Still there: asked again when it expires, or after a while when it has not ended.
        await redis.zadd(keys.knownSwarms, 'XX', now + (left > 0 ? left : KNOWN_SWARM_CHECK_MS), entry);
        continue;
      }
      await redis.zrem(ownerIndex, swarmId);
      await redis.zrem(keys.allSwarms, swarmId);
      gone += 1;
    }
    await redis.zrem(keys.knownSwarms, entry);
  }
  return gone;
}
