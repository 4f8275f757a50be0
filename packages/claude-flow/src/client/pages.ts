/** One page of a list. Without `limit` and `cursor` the client reads all pages. */
export interface PageOptions {
  /** Things in the page, at most 200. */
  limit?: number;
  /** `nextCursor` of the page before. */
  cursor?: string;
}

interface Page {
  count: number;
  /** Servers of earlier releases had no pages. */
  nextCursor?: string | null;
}

/**
 * @param read asks for one page
 * @param join adds what a page lists to what has been read before; the count is added already
 */
export async function readPages<Answer extends Page>(
  { limit, cursor }: PageOptions,
  read: (page: PageOptions) => Promise<Answer>,
  join: (all: Answer, page: Answer) => void,
): Promise<Answer> {
  if (limit !== undefined || cursor !== undefined) {
    return read({ ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) });
  }
  const all = await read({});
  for (let next = all.nextCursor ?? null; next !== null; ) {
    const page = await read({ cursor: next });
    all.count += page.count;
    join(all, page);
    next = page.nextCursor ?? null;
  }
  return { ...all, nextCursor: null };
}
