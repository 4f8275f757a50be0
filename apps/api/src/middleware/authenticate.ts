import type { Ledger } from '@claude-flow/core/store/ledger';
import type { MiddlewareHandler } from 'hono';
import { type AppEnv, AUTHENTICATION_MESSAGE } from '../app-env.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { readCredentials } from '../auth/credentials.ts';
import type { Principal } from '../auth/principal.ts';
import { redeemTicket } from '../auth/tickets.ts';
import { ApiError } from '../errors/api-error.ts';

/** Open to everybody, and never limited. Whatever is not listed needs a caller who is known. */
export const PUBLIC_PATHS: ReadonlySet<string> = new Set([
  '/',
  '/api/health',
  '/livez',
  '/readyz',
  '/openapi.json',
  '/docs',
  '/docs/scalar.js',
]);
export const WS_PATH = '/ws';
export const BOARD_PATH = '/admin/queues';

/** Makes a browser ask for a password: the admin key. */
export const BOARD_CHALLENGE = { 'WWW-Authenticate': 'Basic realm="claude-flow queues", charset="UTF-8"' };

export function authenticate(deps: {
  authenticator: Authenticator;
  ledger: Ledger;
}): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const { path } = c.req;
    if (PUBLIC_PATHS.has(path)) return next();
    const credentials = readCredentials((name) => c.req.header(name));
    const board = path === BOARD_PATH || path.startsWith(`${BOARD_PATH}/`);
    // A browser repeats a password by itself, for any page that asks it to; only the read-only board may rely on it.
    if (!board) delete credentials.password;
    const ticket = path === WS_PATH ? c.req.query('ticket') : undefined;
    const principal: Principal | undefined =
      ticket === undefined
        ? await deps.authenticator.identify(credentials)
        : await redeemTicket(deps.ledger, ticket);
    if (principal === undefined) {
      throw new ApiError('authentication_required', AUTHENTICATION_MESSAGE, {
        headers: board ? BOARD_CHALLENGE : { 'WWW-Authenticate': 'Bearer realm="claude-flow"' },
      });
    }
    c.set('principal', principal);
    return next();
  };
}
