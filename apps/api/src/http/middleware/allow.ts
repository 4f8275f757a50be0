import type { MiddlewareHandler } from 'hono';
import { mayAct, type Right } from '../../auth/principal.ts';
import { type AppEnv, principalOf } from '../app-env.ts';
import { ApiError } from '../errors/api-error.ts';

/** Lets only callers with this right through. */
export function allow(right: Right): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (!mayAct(principalOf(c), right)) {
      throw new ApiError(
        'permission_denied',
        `This needs the permission ${right}, which your key or token lacks.`,
      );
    }
    await next();
  };
}
