import type { Ledger } from '@claude-flow/core/store/ledger';
import type { MiddlewareHandler } from 'hono';
import { type AppEnv, AUTHENTICATION_MESSAGE } from '../app-env.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { readCredentials } from '../auth/credentials.ts';
import type { Principal } from '../auth/principal.ts';
import { redeemTicket } from '../auth/tickets.ts';
import type { ApiConfig } from '../config.ts';
import { ApiError } from '../errors/api-error.ts';
import { budgetSpent, createBudget } from '../limits/budget.ts';
import { callerGroup } from '../limits/caller-group.ts';

/** Asked every few seconds by machines, which have no key. Never limited. */
export const PROBE_PATHS: readonly string[] = ['/api/health', '/livez', '/readyz'];
/** Open to everybody. Whatever is not listed needs a caller who is known. */
const PUBLIC_PATHS: ReadonlySet<string> = new Set([
  ...PROBE_PATHS,
  '/',
  '/openapi.json',
  '/docs',
  '/docs/scalar.js',
]);
export const WS_PATH = '/ws';
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
    const ticket = path === WS_PATH ? c.req.query('ticket') : undefined;
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

/** A ticket is worth no more than what it was made with still is. */
async function ofTicket(deps: AuthenticateDeps, ticket: string): Promise<Principal | undefined> {
  const principal = await redeemTicket(deps.ledger, ticket);
  return principal !== undefined && (await deps.authenticator.stillGood(principal)) ? principal : undefined;
}
