import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';

/** Lets go of what a HEAD request is not sent: a stream that nobody ever reads would wait for its reader for good. */
export function releaseBodyOfHead(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    if (c.req.method === 'HEAD') await c.res.body?.cancel();
  };
}
