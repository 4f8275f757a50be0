import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { ApiError } from '../errors/api-error.ts';

/** Requests of browsers have about thirty headers, proxies add a dozen. */
export const MAX_HEADERS = 100;

/** Refuses a request with too many headers; Node itself would drop the last ones without a word. */
export function countHeaders(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const names = (c.env?.incoming?.rawHeaders?.length ?? 0) / 2;
    if (names > MAX_HEADERS) {
      throw new ApiError('headers_too_large', `A request may have at most ${MAX_HEADERS} headers.`);
    }
    await next();
  };
}
