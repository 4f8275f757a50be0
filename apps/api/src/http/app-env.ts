import type { ErrorDetail } from '@claude-flow/core/domain/errors';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Principal } from '../auth/principal.ts';
import { ApiError } from './errors/api-error.ts';

/** What every request carries. */
export interface AppEnv {
  Variables: {
    requestId: string;
    /** Set for all but public routes. */
    principal?: Principal;
    /** Counts more of the caller's reads: an answer costs by what it holds. Absent where reads are not limited. */
    spendReads?: (cost: number) => Promise<unknown>;
    /** Faults of a body that its schema does not see. */
    fieldFaults?: (body: unknown) => ErrorDetail[];
  };
  /** Absent when the app is called without a server. */
  Bindings: Partial<HttpBindings>;
}

/** @throws ApiError `authentication_required` on a route that let a stranger through */
export function principalOf(c: Context<AppEnv>): Principal {
  const principal = c.get('principal');
  if (principal === undefined) throw new ApiError('authentication_required', AUTHENTICATION_MESSAGE);
  return principal;
}

/** Begins with the document's own words. */
export const AUTHENTICATION_MESSAGE =
  'Provide valid API key or JWT token: the header X-API-Key: <key>, or Authorization: Bearer <token>.';
