import type { Ledger } from './ledger.ts';

/** A place in a list of swarms, newest first: what comes after it is older. Creation in milliseconds since 1970. */
export interface ListPlace {
  createdAt: number;
  swarmId: string;
}

/** Whose swarms: one owner's, or everybody's. */
export type ListOf = { owner: string } | 'everybody';

const indexOf = (ledger: Ledger, whose: ListOf) =>
  whose === 'everybody' ? ledger.keys.allSwarms : ledger.keys.ownerSwarms(whose.owner);

/**
 * Swarms of an index, newest first. Some may have expired.
 * @param after undefined for the first; the swarm at that place need not exist any more
 */
export async function listSwarmIds(
  ledger: Ledger,
  whose: ListOf,
  after: ListPlace | undefined,
  limit: number,
): Promise<ListPlace[]> {
  const index = indexOf(ledger, whose);
  const offset = after === undefined ? 0 : await countUpTo(ledger, index, after);
  const found = await ledger.redis.zrange(
    index,
    String(offset),
    String(offset + limit - 1),
    'REV',
    'WITHSCORES',
  );
  return pairs(found);
}

/** How many stand before a place or at it. Those of the same millisecond stand in the order of their ids. */
async function countUpTo(ledger: Ledger, index: string, { createdAt, swarmId }: ListPlace): Promise<number> {
  const [newer, sameTime] = await Promise.all([
    ledger.redis.zcount(index, `(${createdAt}`, '+inf'),
    ledger.redis.zrangebyscore(index, createdAt, createdAt),
  ]);
  return newer + sameTime.filter((id) => id >= swarmId).length;
}

/** Swarms of an index that were created since, milliseconds since 1970. Some may have expired, or not be there yet. */
export async function listSwarmsSince(ledger: Ledger, whose: ListOf, since: number): Promise<ListPlace[]> {
  const index = indexOf(ledger, whose);
  return pairs(await ledger.redis.zrangebyscore(index, since, '+inf', 'WITHSCORES'));
}

/** Swarms that have not ended. Two lists of different hash slots are compared here: no command does it on a cluster. */
export async function listPresentIds(ledger: Ledger, whose: ListOf): Promise<ListPlace[]> {
  const places = pairs(await ledger.redis.zrange(ledger.keys.activeSwarms, '0', '-1', 'WITHSCORES'));
  if (whose === 'everybody' || places.length === 0) return places;
  const ids = places.map(({ swarmId }) => swarmId);
  const scores = await ledger.redis.zmscore(indexOf(ledger, whose), ...ids);
  return places.filter((_, i) => scores[i] !== null);
}

function pairs(found: readonly string[]): ListPlace[] {
  const places: ListPlace[] = [];
  for (let i = 0; i + 1 < found.length; i += 2) {
    places.push({ swarmId: found[i] ?? '', createdAt: Number(found[i + 1]) });
  }
  return places;
}
