import type { MiddlewareHandler } from 'hono';
import { clientAddress } from '../../limits/client-address.ts';
import type { AccessLog } from '../access-log.ts';
import type { AppEnv } from '../app-env.ts';
import type { ApiDeps } from '../deps.ts';

/** One line of the access log per request. */
export function logAccess(
  log: AccessLog,
  { config, ownerNames }: Pick<ApiDeps, 'config' | 'ownerNames'>,
): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    const owner = c.get('principal')?.owner;
    const upgraded = c.res.ok && c.req.header('upgrade')?.toLowerCase() === 'websocket';
    log.write({
      address: clientAddress(
        c.env?.incoming?.socket?.remoteAddress,
        c.req.header('x-forwarded-for'),
        config.proxyHops,
      ),
      owner: owner === undefined ? undefined : ownerNames.shown(owner),
      at: Date.now(),
      method: c.req.method,
      path: c.req.path,
      status: upgraded ? 101 : c.res.status,
      bytes: c.res.headers.get('content-length') ?? undefined,
      referrer: c.req.header('referer'),
      agent: c.req.header('user-agent'),
    });
  };
}
