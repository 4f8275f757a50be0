import type { Ledger } from './ledger.ts';

/** KEYS: the swarm's record, the stray key; both in the swarm's slot. */
const DROP = `if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end return redis.call('UNLINK', KEYS[2])`;

/** Removes a key whose swarm is gone. @returns whether it was so */
export async function dropOwnerless(ledger: Ledger, swarmId: string, key: string): Promise<boolean> {
  return (await ledger.redis.eval(DROP, 2, ledger.keys.swarm(swarmId, 'meta'), key)) === 1;
}

/**
 * Puts a swarm back into a global index. The index may lie in another slot, so it is written first and the swarm looked for
 * afterwards: one that was deleted meanwhile leaves no entry.
 * @returns whether it was missing
 */
export async function relistSwarm(
  { redis, keys }: Ledger,
  index: string,
  swarm: { swarmId: string; createdAt: number },
): Promise<boolean> {
  const added = await redis.zadd(index, 'NX', swarm.createdAt, swarm.swarmId);
  if (Number(added) === 0) return false;
  if ((await redis.exists(keys.swarm(swarm.swarmId, 'meta'))) === 1) return true;
  await redis.zrem(index, swarm.swarmId);
  return false;
}
