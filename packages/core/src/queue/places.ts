import { ClaudeFlowError } from '../domain/errors.ts';
import { isSwarmId } from '../domain/ids.ts';
import { type PlaceFacts, placeIsFree } from '../domain/place.ts';
import type { SwarmStatus } from '../domain/states.ts';
import { PLACE_GRACE_MS, PLACE_WANTED_MS, PLACES_VERIFIED } from '../runtime/tunables.ts';
import type { DispatcherDeps } from './dispatcher.ts';

/** How many swarms may be started and not yet done. */
export interface PlaceLimits {
  /** Of all owners together; undefined: any number. */
  all?: number | undefined;
  /** Of one owner; undefined: as many as there are. */
  owner?: number | undefined;
}

/**
 * Takes a place among the started swarms, before the start. Who has one keeps it until the swarm ends. When places are short,
 * the next that is free is for an owner who has fewer than others and was refused.
 * @returns whether it is newly taken
 * @throws ClaudeFlowError `limit_exceeded` when there is really none for this owner
 */
export async function takePlace(
  deps: DispatcherDeps,
  { swarmId, owner }: { swarmId: string; owner: string },
  limits: PlaceLimits,
): Promise<boolean> {
  const args = {
    swarmId,
    owner: deps.ledger.keys.ownerTag(owner),
    limit: limits.all ?? 0,
    ownerLimit: limits.owner ?? 0,
    wantedMs: PLACE_WANTED_MS,
  };
  const take = async () => {
    const [outcome] = await deps.queues.scripts.run('take-place', args);
    return Number(outcome);
  };
  let outcome = await take();
  // Swarms end without a word to this set: one that ended a moment ago is no reason to refuse.
  if (outcome < 0 && (await freePlaces(deps, PLACES_VERIFIED)) > 0) outcome = await take();
  if (outcome >= 0) return outcome === 1;
  throw new ClaudeFlowError('limit_exceeded', refusalSentence(outcome, limits), { retryable: true });
}

const OWNER_IS_FULL = -2;
const KEPT_FOR_OTHERS = -3;

function refusalSentence(outcome: number, { all, owner }: PlaceLimits): string {
  if (outcome === KEPT_FOR_OTHERS) {
    return 'The swarms that may still be started here (MAX_SWARMS) are for other callers, who have fewer and were refused. Try again when one of yours has ended.';
  }
  if (outcome === OWNER_IS_FULL) {
    const yours = owner === 1 ? '1 swarm of yours is' : `${owner} swarms of yours are`;
    return `${yours} started and not yet done, which is all that one caller may run at once here (MAX_SWARMS_PER_OWNER). Try again when one has ended, or stop one.`;
  }
  const are = all === 1 ? '1 swarm is' : `${all} swarms are`;
  return `${are} started and not yet done, which is all that may run at once here (MAX_SWARMS). Try again when one has ended, or stop one.`;
}

/** Gives back a place whose start failed; what is started all the same keeps it. */
export async function returnPlace(deps: DispatcherDeps, swarmId: string): Promise<void> {
  await freeIfUnused(deps, [swarmId], 0);
}

/** Looks at so many places, by chance when there are more, and frees those whose swarms have ended. @returns how many */
export async function freePlaces(deps: DispatcherDeps, count: number): Promise<number> {
  const { redis, keys } = deps.ledger;
  return freeIfUnused(deps, await redis.zrandmember(keys.startedSwarms, count), PLACE_GRACE_MS);
}

/** Looks at some owners' entries, by chance, and forgets those of swarms that have no place any more. @returns how many */
export async function forgetEnded(deps: DispatcherDeps, count: number): Promise<number> {
  const [gone] = await deps.queues.scripts.run('forget-ended', { count });
  return Number(gone);
}

async function freeIfUnused(
  deps: DispatcherDeps,
  swarmIds: readonly string[],
  graceMs: number,
): Promise<number> {
  if (swarmIds.length === 0) return 0;
  const { redis, keys } = deps.ledger;
  const [seconds, micros] = await redis.time();
  const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  const freed = await Promise.all(
    swarmIds.map(async (swarmId) => {
      const takenAt = await redis.zscore(keys.startedSwarms, swarmId);
      if (takenAt === null) return 0;
      const facts = await placeFacts(deps, swarmId, Number(takenAt));
      if (facts !== undefined && !placeIsFree(facts, now, graceMs)) return 0;
      // Whoever has taken it since, or anew, keeps it.
      const [outcome] = await deps.queues.scripts.run('free-place', { swarmId, takenAt });
      return Number(outcome);
    }),
  );
  return freed.reduce((sum, count) => sum + count, 0);
}

/** @returns undefined for an entry that is no swarm's id at all */
async function placeFacts(
  { ledger: { redis, keys } }: DispatcherDeps,
  swarmId: string,
  takenAt: number,
): Promise<PlaceFacts | undefined> {
  if (!isSwarmId(swarmId)) return undefined;
  const meta = await redis.hmget(keys.swarm(swarmId, 'meta'), 'status', 'startRequested');
  const [status, startRequested] = meta;
  return {
    takenAt,
    startRequested: startRequested === '1',
    ...(typeof status === 'string' ? { status: status as SwarmStatus } : {}),
  };
}
