import { z } from '@hono/zod-openapi';
import { queryInteger } from './common.ts';

/** Things in one page, and what is in one when nothing is said. */
export const MAX_PAGE = 200;

/** What a list takes that has pages. */
export const pageQuery = z.object({
  limit: queryInteger('limit', { min: 1, max: MAX_PAGE, fallback: MAX_PAGE }),
  cursor: z.string().max(200).optional().openapi({ description: 'nextCursor of the page before' }),
});

export const nextCursor = z
  .string()
  .nullable()
  .openapi({ description: 'Give it as cursor for the next page; null when this is the last' });
