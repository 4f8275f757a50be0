import { isSwarmId, swarmIdTime } from '../domain/ids.ts';
import { queueKey } from '../redis/keys.ts';
import { STORAGE_RESERVED_MS } from '../runtime/tunables.ts';
import type { DispatcherDeps } from './dispatcher.ts';

/** Bytes of a swarm that stand in no counter: its record's own fields, its entries in lists. */
const SWARM_OVERHEAD_BYTES = 1_024;
/** Swarms read at once. */
const PAGE = 200;

/**
 * Takes room among what an owner may store, before a swarm is written. Who has it keeps it until the swarm is gone.
 * @param swarm.bytes what the swarm will hold to begin with
 * @param limit bytes of all the owner's swarms; undefined: any number
 * @returns the owner's bytes, and whether there was room
 */
export async function reserveStorage(
  { ledger, queues }: DispatcherDeps,
  swarm: { swarmId: string; owner: string; bytes: number },
  limit: number | undefined,
): Promise<{ taken: boolean; stored: number }> {
  const [outcome, stored] = await queues.scripts.run('keep-storage', {
    owner: ledger.keys.ownerTag(swarm.owner),
    swarmId: swarm.swarmId,
    bytes: swarm.bytes + SWARM_OVERHEAD_BYTES,
    limit: limit ?? 0,
    reserve: 1,
  });
  return { taken: outcome === 1, stored: Number(stored) };
}

/** Gives the room of a swarm back that is gone, or was never written. */
export async function freeStorage(
  { ledger, queues }: DispatcherDeps,
  { swarmId, owner }: { swarmId: string; owner: string },
): Promise<void> {
  const args = { owner: ledger.keys.ownerTag(owner), swarmId, bytes: 0, limit: 0, reserve: 0 };
  await queues.scripts.run('keep-storage', args);
}

/** Bytes that an owner's swarms store together, as last counted. */
export async function storageOfOwner({ ledger }: DispatcherDeps, owner: string): Promise<number> {
  const { keys, redis } = ledger;
  const stored = await redis.hget(queueKey(keys.queuePrefix, 'storage'), keys.ownerTag(owner));
  return Number(stored ?? '0');
}

/** Bytes of these swarms, as last counted; 0 for those that are not known. */
export async function storageOfSwarms(
  { ledger: { keys, redis } }: DispatcherDeps,
  swarmIds: readonly string[],
): Promise<number[]> {
  if (swarmIds.length === 0) return [];
  const found = await redis.hmget(queueKey(keys.queuePrefix, 'storageOf'), ...swarmIds);
  return found.map((text) => Number(text?.slice(text.lastIndexOf(':') + 1) ?? '0'));
}

/**
 * Compares some swarms, by chance when there are more, with what they really hold, and frees the room of those that are gone.
 * @returns how many had changed
 */
export async function recountStorage(deps: DispatcherDeps, count: number): Promise<number> {
  const { keys, redis } = deps.ledger;
  const key = queueKey(keys.queuePrefix, 'storageOf');
  const found = (await redis.hrandfield(key, count, 'WITHVALUES')) as string[];
  let changed = 0;
  for (let at = 0; at + 1 < found.length; at += 2) {
    const [swarmId = '', text = ''] = found.slice(at, at + 2);
    const end = text.lastIndexOf(':');
    if (await recount(deps, swarmId, text.slice(0, end), Number(text.slice(end + 1)))) changed += 1;
  }
  return changed;
}

async function recount(
  deps: DispatcherDeps,
  swarmId: string,
  owner: string,
  known: number,
): Promise<boolean> {
  const bytes = isSwarmId(swarmId) ? await storedBytes(deps, swarmId) : 0;
  // Reserved for a swarm that is about to be written.
  if (bytes === 0 && isSwarmId(swarmId) && Date.now() - swarmIdTime(swarmId) < STORAGE_RESERVED_MS)
    return false;
  if (bytes === known) return false;
  await deps.queues.scripts.run('keep-storage', { owner, swarmId, bytes, limit: 0, reserve: 0 });
  return true;
}

/** @returns 0 when there is no such swarm */
async function storedBytes({ ledger: { keys, redis } }: DispatcherDeps, swarmId: string): Promise<number> {
  const [id, text, blobs] = await redis.hmget(keys.swarm(swarmId, 'meta'), 'id', 'textBytes', 'blobBytes');
  return id === null ? 0 : SWARM_OVERHEAD_BYTES + Number(text ?? '0') + Number(blobs ?? '0');
}

/** Counts swarms that are not counted yet: those of a release that did not. @returns how many there were */
export async function countUncounted(deps: DispatcherDeps): Promise<number> {
  const { keys, redis } = deps.ledger;
  let added = 0;
  for (let offset = 0; ; offset += PAGE) {
    const ids = await redis.zrange(keys.allSwarms, String(offset), String(offset + PAGE - 1));
    const known = await storageOfSwarms(deps, ids);
    const missing = ids.filter((id, at) => known[at] === 0 && isSwarmId(id));
    for (const swarmId of missing) {
      const owner = await redis.hget(keys.swarm(swarmId, 'meta'), 'owner');
      if (owner === null) continue;
      const bytes = await storedBytes(deps, swarmId);
      const args = { owner: keys.ownerTag(owner), swarmId, bytes, limit: 0, reserve: 0 };
      await deps.queues.scripts.run('keep-storage', args);
      added += 1;
    }
    if (ids.length < PAGE) return added;
  }
}
