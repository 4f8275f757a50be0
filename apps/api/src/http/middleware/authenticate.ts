import type { Ledger } from '@claude-flow/core/store/ledger';
import type { Context, MiddlewareHandler } from 'hono';
import type { Authenticator } from '../../auth/authenticator.ts';
import { readCredentials } from '../../auth/credentials.ts';
import type { Principal } from '../../auth/principal.ts';
import { redeemTicket } from '../../auth/tickets.ts';
import type { ApiConfig } from '../../config/config.ts';
import { budgetSpent, createBudget } from '../../limits/budget.ts';
import { callerGroup } from '../../limits/caller-group.ts';
import { wantsEventStream } from '../../relay/wants-event-stream.ts';
import { type AppEnv, AUTHENTICATION_MESSAGE } from '../app-env.ts';
import { ApiError } from '../errors/api-error.ts';

/** Asked every few seconds by machines, which have no key. Never limited. */
export const PROBE_PATHS: readonly string[] = ['/api/health', '/livez', '/readyz'];
/** Open to everybody. Whatever is not listed needs a caller who is known. */
const PUBLIC_PATHS: ReadonlySet<string> = new Set([
  ...PROBE_PATHS,
  '/',
  '/openapi.json',
  '/docs',
  '/docs/scalar.js',
  '/favicon.ico',
  '/favicon.svg',
]);
export const WS_PATH = '/ws';
const EVENTS_PATH = /^\/api\/swarm\/[^/]+\/events$/;
const USED_TICKET_MESSAGE =
  'This ticket has been used. Ask POST /api/ws-ticket for another one, and open the stream with after and epoch of the last event you had.';
export const BOARD_PATH = '/admin/queues';

/** Makes a browser ask for a password: the admin key. */
export const BOARD_CHALLENGE = { 'WWW-Authenticate': 'Basic realm="claude-flow queues", charset="UTF-8"' };

interface AuthenticateDeps {
  authenticator: Authenticator;
  ledger: Ledger;
  config: ApiConfig;
  now(): number;
}

/**
 * Finds out who is calling. Who is known is never refused here, whatever others do at the same address; failures are
 * counted by address and answered 429 when there are too many.
 */
export function authenticate(deps: AuthenticateDeps): MiddlewareHandler<AppEnv> {
  const { limits, proxyHops } = deps.config;
  const failures =
    limits &&
    createBudget(
      deps.ledger,
      { kind: 'failed-auth', points: limits.failedAuth, windowMs: limits.windowMs },
      deps.now,
    );

  return async (c, next) => {
    const { path } = c.req;
    if (PUBLIC_PATHS.has(path)) return next();
    const credentials = readCredentials((name) => c.req.header(name));
    const board = path === BOARD_PATH || path.startsWith(`${BOARD_PATH}/`);
    // A browser repeats a password by itself, for any page that asks it to; only the read-only board may rely on it.
    if (!board) delete credentials.password;
    const ticket = takesTicket(c) ? c.req.query('ticket') : undefined;
    const principal: Principal | undefined =
      ticket === undefined ? await deps.authenticator.identify(credentials) : await ofTicket(deps, ticket);
    if (principal === undefined) {
      const failed = await failures?.spend(callerGroup(c, proxyHops));
      if (failed?.allowed === false)
        throw budgetSpent(failed, 'failed attempts to authenticate from one address');
      throw new ApiError('authentication_required', AUTHENTICATION_MESSAGE, {
        headers: board ? BOARD_CHALLENGE : { 'WWW-Authenticate': 'Bearer realm="claude-flow"' },
      });
    }
    c.set('principal', principal);
    return next();
  };
}

/** A browser can set no headers on a WebSocket or an EventSource. Everything else comes with its key. */
function takesTicket(c: Context<AppEnv>): boolean {
  const { path, method } = c.req;
  return path === WS_PATH || (method === 'GET' && EVENTS_PATH.test(path) && wantsEventStream(c.req));
}

/** A ticket is worth no more than what it was made with still is. */
async function ofTicket(deps: AuthenticateDeps, ticket: string): Promise<Principal | undefined> {
  const principal = await redeemTicket(deps.ledger, ticket);
  if (principal === 'used') throw new ApiError('authentication_required', USED_TICKET_MESSAGE);
  return principal !== undefined && (await deps.authenticator.stillGood(principal)) ? principal : undefined;
}
