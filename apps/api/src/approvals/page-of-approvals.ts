import { type Approval, isApprovalId } from '@claude-flow/core/domain/approval';
import { badCursor, type PageRequest } from '../http/pages.ts';

/**
 * One page of a swarm's approvals. A cursor names the last one shown, by when it was asked for: approvals are never taken back,
 * and what is asked for later comes later.
 * @param approvals in order: by when they were asked for, then by id
 * @throws ApiError `validation_failed` for a cursor that is none
 */
export function pageOfApprovals(
  approvals: readonly Approval[],
  { limit, cursor }: PageRequest,
): { items: Approval[]; nextCursor: string | null } {
  const after = cursor === undefined ? undefined : parseCursor(cursor);
  const left = after === undefined ? [...approvals] : approvals.filter((one) => comesAfter(one, after));
  const items = left.slice(0, limit);
  const last = items.at(-1);
  const more = last !== undefined && items.length < left.length;
  return { items, nextCursor: more ? `${last.requestedAt}.${last.id}` : null };
}

type Place = Pick<Approval, 'requestedAt' | 'id'>;

function comesAfter(one: Approval, place: Place): boolean {
  if (one.requestedAt !== place.requestedAt) return one.requestedAt > place.requestedAt;
  return one.id.localeCompare(place.id) > 0;
}

function parseCursor(cursor: string): Place {
  const [requestedAt = '', id = '', ...rest] = cursor.split('.');
  if (!/^[0-9]{1,15}$/.test(requestedAt) || !isApprovalId(id) || rest.length > 0) throw badCursor();
  return { requestedAt: Number(requestedAt), id };
}
