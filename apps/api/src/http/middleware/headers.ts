import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { ApiError } from '../errors/api-error.ts';

/** Requests of browsers have about thirty headers, proxies add a dozen. */
export const MAX_HEADERS = 100;

/**
 * Refuses a request with too many headers, or with several hosts: Node itself would take the first ones without a word, and a
 * proxy in front may have gone by the last.
 */
export function countHeaders(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const names = (c.env?.incoming?.rawHeaders?.length ?? 0) / 2;
    if (names > MAX_HEADERS) {
      throw new ApiError('headers_too_large', `A request may have at most ${MAX_HEADERS} headers.`);
    }
    if (hosts(c.env?.incoming?.rawHeaders ?? []) > 1) {
      // Whatever else comes on this connection cannot be trusted either.
      const headers = { Connection: 'close' };
      throw new ApiError('malformed_request', 'A request has one Host header.', { headers });
    }
    await next();
  };
}

/** @param raw names and values in turn */
function hosts(raw: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < raw.length; at += 2) if (raw[at]?.toLowerCase() === 'host') count += 1;
  return count;
}
