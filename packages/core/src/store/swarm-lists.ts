import { isSwarmId } from '../domain/ids.ts';
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

/** An entry without a swarm is of a creation that did not end, unless it is younger than this. */
const CREATION_MS = 60_000;

/**
 * Swarms that have not ended, or only just. For one owner no other's are read: the owner's own index is, and whether its entries
 * are still among the unfinished ones of all, which the sweep keeps true.
 */
export async function listPresentIds(ledger: Ledger, whose: ListOf): Promise<ListPlace[]> {
  const { redis, keys } = ledger;
  if (whose === 'everybody') return pairs(await redis.zrange(keys.activeSwarms, '0', '-1', 'WITHSCORES'));
  const index = keys.ownerActive(whose.owner);
  const places = pairs(await redis.zrange(index, '0', '-1', 'WITHSCORES'));
  if (places.length === 0) return [];
  const ids = places.map(({ swarmId }) => swarmId);
  const scores = await redis.zmscore(keys.activeSwarms, ...ids);
  const over = Date.now() - CREATION_MS;
  const gone = places.filter(({ createdAt }, i) => scores[i] === null && createdAt < over);
  if (gone.length > 0) await redis.zrem(index, ...gone.map(({ swarmId }) => swarmId));
  return places.filter((_, i) => scores[i] !== null);
}

/** Swarms read at once. */
const PAGE = 200;

/** Enters unfinished swarms into their owners' indexes: those of a release that had none. @returns how many were missing */
export async function indexActiveByOwner({ redis, keys }: Ledger): Promise<number> {
  let added = 0;
  for (let offset = 0; ; offset += PAGE) {
    const ids = await redis.zrange(
      keys.activeSwarms,
      String(offset),
      String(offset + PAGE - 1),
      'WITHSCORES',
    );
    const page = pairs(ids).filter(({ swarmId }) => isSwarmId(swarmId));
    const counts = await Promise.all(
      page.map(async ({ swarmId, createdAt }) => {
        const owner = await redis.hget(keys.swarm(swarmId, 'meta'), 'owner');
        return owner === null
          ? 0
          : Number(await redis.zadd(keys.ownerActive(owner), 'NX', createdAt, swarmId));
      }),
    );
    added += counts.reduce((sum, count) => sum + count, 0);
    if (ids.length < 2 * PAGE) return added;
  }
}

function pairs(found: readonly string[]): ListPlace[] {
  const places: ListPlace[] = [];
  for (let i = 0; i + 1 < found.length; i += 2) {
    places.push({ swarmId: found[i] ?? '', createdAt: Number(found[i + 1]) });
  }
  return places;
}
