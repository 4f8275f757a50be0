import { freeStorage, reserveStorage, storageOfOwner } from '@claude-flow/core/queue/storage';
import type { ApiDeps } from '../http/deps.ts';
import { ApiError } from '../http/errors/api-error.ts';

type StorageDeps = Pick<ApiDeps, 'config' | 'ledger' | 'queues'>;

/**
 * Makes sure that there is room for a new swarm, and takes it.
 * @throws ApiError `swarm_too_large`, `storage_full`
 */
export async function roomForSwarm(
  deps: StorageDeps,
  swarm: { swarmId: string; owner: string; bytes: number },
): Promise<void> {
  const { perSwarm, perOwner } = deps.config.storage;
  if (perSwarm !== undefined && swarm.bytes > perSwarm) {
    const message = `The request has ${swarm.bytes} bytes, and a swarm may store ${perSwarm} (STORAGE_PER_SWARM). Split the work over several swarms.`;
    throw new ApiError('swarm_too_large', message);
  }
  const { taken, stored } = await reserveStorage(deps, swarm, perOwner);
  if (!taken) throw ownerIsFull(stored, perOwner ?? 0);
}

/**
 * Is there room for more in the owner's swarms?
 * @throws ApiError `storage_full`
 */
export async function roomForMore(deps: StorageDeps, owner: string, bytes: number): Promise<void> {
  const { perOwner } = deps.config.storage;
  if (perOwner === undefined) return;
  const stored = await storageOfOwner(deps, owner);
  if (stored + bytes > perOwner) throw ownerIsFull(stored, perOwner);
}

/** Gives the room back of a swarm that is gone. What fails here a sweep makes good. */
export async function giveRoomBack(
  deps: StorageDeps,
  swarm: { swarmId: string; owner: string },
): Promise<void> {
  await freeStorage(deps, swarm).catch(() => undefined);
}

function ownerIsFull(stored: number, limit: number): ApiError {
  const message = `Your swarms store ${stored} bytes of the ${limit} that they may (STORAGE_PER_OWNER). Delete swarms that you no longer need; finished ones expire by themselves. GET /api/usage names the largest.`;
  return new ApiError('storage_full', message);
}
