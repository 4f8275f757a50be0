import { type Misplaced, unknownField } from '@claude-flow/core/contracts/strict-fields';
import type { ErrorDetail } from '@claude-flow/core/domain/errors';
import { nearName } from '@claude-flow/core/domain/near-name';
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';

/**
 * For a body that may hold fields which nobody reads: one that was probably meant to be one of ours is a fault all the same, told
 * with the others (`refuseInvalid`).
 */
export function knownFields(names: readonly string[], misplaced: Misplaced): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('fieldFaults', (body) => {
      if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
      return Object.keys(body).flatMap((key): ErrorDetail[] => {
        if (names.includes(key)) return [];
        if (!Object.hasOwn(misplaced, key) && nearName(key, names) === undefined) return [];
        return [{ field: key, message: unknownField(key, names, misplaced) }];
      });
    });
    await next();
  };
}
