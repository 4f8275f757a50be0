import { ApiError } from './errors/api-error.ts';

/** Numbers looked at for one page: a rare status must not make one request read everything. */
const MAX_LOOKED_AT = 2_000;
/** Read at once. */
const SLICE = 50;
/** A page ends early when it holds so much: outputs of tasks may be large. Bytes, or characters of them. */
const MAX_PAGE_SIZE = 4 * 1024 * 1024;

export interface NumberedPage<T> {
  items: T[];
  nextCursor: string | null;
  /** What it took to make the page, shown or not: things read, and characters or bytes of them as `size` counts. */
  read: { records: number; bytes: number };
}

export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

export interface PageSource<T> {
  /** The numbers go from 1 to this. */
  total: number;
  /** Those with these numbers, in order; any may be missing. */
  read(from: number, count: number): Promise<readonly T[]>;
  numberOf(item: T): number;
  /** Only these; all when left out. */
  keep?: ((item: T) => boolean) | undefined;
  size?(item: T): number;
}

/**
 * One page of things with numbers, which a swarm never gives anew, so that what is added, ends or changes meanwhile shifts
 * nothing. With `keep`, or with large items, a page may have fewer than were asked for and a next page all the same.
 * @throws ApiError `validation_failed` for a cursor that is none
 */
export async function readPage<T>(
  { limit, cursor }: PageRequest,
  { total, read, numberOf, keep, size = () => 0 }: PageSource<T>,
): Promise<NumberedPage<T>> {
  const first = cursor === undefined ? 1 : parseCursor(cursor);
  const last = Math.min(total, first + MAX_LOOKED_AT - 1);
  const page: NumberedPage<T> = { items: [], nextCursor: null, read: { records: 0, bytes: 0 } };
  let next = first;
  while (next <= last) {
    // Without a filter no more than the page has room for.
    const room = keep === undefined ? limit - page.items.length : SLICE;
    const count = Math.min(SLICE, room, last - next + 1);
    for (const item of await read(next, count)) {
      page.read.records += 1;
      page.read.bytes += size(item);
      if (keep?.(item) === false) continue;
      page.items.push(item);
      if (page.items.length === limit || page.read.bytes >= MAX_PAGE_SIZE) {
        return { ...page, nextCursor: numberOf(item) < total ? String(numberOf(item) + 1) : null };
      }
    }
    next += count;
  }
  return { ...page, nextCursor: next <= total ? String(next) : null };
}

function parseCursor(cursor: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(cursor)) return Number(cursor);
  throw badCursor();
}

export function badCursor(): ApiError {
  const message = 'cursor must be the nextCursor of an earlier page.';
  return new ApiError('validation_failed', message, { details: [{ field: 'cursor', message }] });
}
