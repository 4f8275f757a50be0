import { isSwarmId } from '@claude-flow/core/domain/ids';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { type ListOf, type ListPlace, listSwarmIds } from '@claude-flow/core/store/swarm-lists';
import type { SwarmSummary } from '@claude-flow/core/store/swarm-record';
import { getSwarmSummary } from '@claude-flow/core/store/swarms';
import { badCursor } from '../http/pages.ts';
import { type ClientStatus, clientStatus } from './swarm-view.ts';

/** Swarms looked at for one page: a rare status must not make one request read everything. */
const MAX_LOOKED_AT = 1_000;

export interface ListRequest {
  limit: number;
  cursor?: string | undefined;
  /** Only these. */
  statuses?: readonly ClientStatus[] | undefined;
}

/**
 * One page of swarms, newest first. A cursor names the place of the last swarm looked at, so that swarms created or deleted
 * meanwhile shift nothing. Swarms that have expired are passed over. With a filter a page may have less than was asked for,
 * or nothing, and a next page all the same.
 * @throws ApiError `validation_failed` for a cursor that is none
 */
export async function listSwarms(
  ledger: Ledger,
  whose: ListOf,
  { limit, cursor, statuses }: ListRequest,
): Promise<{ swarms: SwarmSummary[]; nextCursor: string | null }> {
  let place = cursor === undefined ? undefined : parseCursor(cursor);
  const swarms: SwarmSummary[] = [];
  for (let lookedAt = 0; lookedAt < MAX_LOOKED_AT && swarms.length < limit; ) {
    // Without a filter no more than are missing; with one, what is left over is looked at again by the next page.
    const places = await listSwarmIds(ledger, whose, place, limit);
    if (places.length === 0) return { swarms, nextCursor: null };
    const found = await Promise.all(places.map(({ swarmId }) => getSwarmSummary(ledger, swarmId)));
    for (const [i, swarm] of found.entries()) {
      if (swarms.length === limit) break;
      place = places[i];
      lookedAt += 1;
      if (swarm !== undefined && (statuses?.includes(clientStatus(swarm)) ?? true)) swarms.push(swarm);
    }
  }
  const more = place !== undefined && (await listSwarmIds(ledger, whose, place, 1)).length > 0;
  return { swarms, nextCursor: more && place !== undefined ? formatCursor(place) : null };
}

function formatCursor({ createdAt, swarmId }: ListPlace): string {
  return Buffer.from(`${createdAt} ${swarmId}`).toString('base64url');
}

function parseCursor(cursor: string): ListPlace {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const [time = '', swarmId = '', ...rest] = text.split(' ');
  if (!/^[0-9]{1,15}$/.test(time) || !isSwarmId(swarmId) || rest.length > 0) {
    throw badCursor();
  }
  return { createdAt: Number(time), swarmId };
}
