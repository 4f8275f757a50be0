import { isSwarmId } from '@claude-flow/core/domain/ids';
import type { SwarmRecord } from '@claude-flow/core/domain/task';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { getSwarm, listOwnerSwarms } from '@claude-flow/core/store/swarms';
import { ApiError } from './errors/api-error.ts';

/**
 * One page of an owner's swarms, newest first. A cursor names the last swarm seen, so that swarms created meanwhile shift
 * nothing. Swarms that have expired are passed over.
 * @throws ApiError `validation_failed` for a cursor that is none
 */
export async function listSwarms(
  ledger: Ledger,
  owner: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ swarms: SwarmRecord[]; nextCursor: string | null }> {
  let offset = page.cursor === undefined ? 0 : await placeAfter(ledger, owner, page.cursor);
  const swarms: SwarmRecord[] = [];
  for (;;) {
    // One more than asked for tells whether there is a next page.
    const wanted = page.limit + 1 - swarms.length;
    const ids = await listOwnerSwarms(ledger, owner, offset, wanted);
    const found = await Promise.all(ids.map((id) => getSwarm(ledger, id)));
    swarms.push(...found.filter((swarm) => swarm !== undefined));
    offset += ids.length;
    if (ids.length < wanted || swarms.length > page.limit) break;
  }
  const shown = swarms.slice(0, page.limit);
  const last = shown.at(-1);
  const more = swarms.length > page.limit && last !== undefined;
  return { swarms: shown, nextCursor: more ? Buffer.from(last.id).toString('base64url') : null };
}

async function placeAfter(ledger: Ledger, owner: string, cursor: string): Promise<number> {
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  const rank = isSwarmId(id) ? await ledger.redis.zrevrank(ledger.keys.ownerSwarms(owner), id) : null;
  if (rank === null) {
    const message = 'cursor must be the nextCursor of an earlier page.';
    throw new ApiError('validation_failed', message, { details: [{ field: 'cursor', message }] });
  }
  return rank + 1;
}
