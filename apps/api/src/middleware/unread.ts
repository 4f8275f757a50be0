import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors/api-error.ts';
import { callerGroup, callerName } from '../limits/caller-group.ts';
import { PROBE_PATHS } from './authenticate.ts';

/** Seconds after which a caller may ask again: the time to read what waits. */
const READ_FIRST_S = 5;
const PROBES: ReadonlySet<string> = new Set(PROBE_PATHS);

/** Refuses more to callers and addresses who have not taken what they asked for before. */
export function refuseUnread(deps: Pick<ApiDeps, 'config' | 'unread'>): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const socket = c.env?.incoming?.socket;
    if (socket === undefined || PROBES.has(c.req.path)) return next();
    const who = { caller: callerName(c, deps.config), address: callerGroup(c, deps.config.proxyHops) };
    deps.unread.belongs(socket, who);
    const max = deps.config.server.maxUnreadBytes;
    const held = Math.max(
      deps.unread.heldBy({ caller: who.caller }),
      deps.unread.heldBy({ address: who.address }),
    );
    if (held < max) return next();
    const message = `${held} bytes of answers wait that you have not read; at most ${max} may (MAX_UNREAD_BYTES). Read them, or close their connections.`;
    throw new ApiError('limit_exceeded', message, { retryAfter: READ_FIRST_S });
  };
}
