import type { Context, MiddlewareHandler } from 'hono';
import { callerGroup, callerName } from '../../limits/caller-group.ts';
import type { AppEnv } from '../app-env.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors/api-error.ts';
import type { UnreadAnswers } from '../server/unread-answers.ts';
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
    const held = heldByEither(deps.unread, who);
    if (held < max) return next();
    throw readFirst(held, max);
  };
}

/** Before a large answer is read from the store: it has to have room beside what the caller has not taken yet. */
export function makeRoom(c: Context<AppEnv>, deps: Pick<ApiDeps, 'config' | 'unread'>, bytes: number): void {
  const socket = c.env?.incoming?.socket;
  if (socket === undefined || deps.unread.reserve(socket, bytes)) return;
  const who = { caller: callerName(c, deps.config), address: callerGroup(c, deps.config.proxyHops) };
  throw readFirst(heldByEither(deps.unread, who), deps.config.server.maxUnreadBytes, bytes);
}

function heldByEither(
  unread: UnreadAnswers,
  { caller, address }: { caller: string; address: string },
): number {
  return Math.max(unread.heldBy({ caller }), unread.heldBy({ address }));
}

function readFirst(held: number, max: number, more = 0): ApiError {
  const asked = more === 0 ? '' : ` This answer has ${more} more.`;
  const message = `${held} bytes of answers wait that you have not read; at most ${max} may (MAX_UNREAD_BYTES).${asked} Read them, or close their connections.`;
  return new ApiError('limit_exceeded', message, { retryAfter: READ_FIRST_S });
}
