import { apiVersion } from '../validation/parse.ts';
import { ApiError } from '../wire/errors.ts';
import type { AppContext } from './env.ts';

const keyOf = (c: AppContext): string | undefined => {
  const bearer = /^Bearer\s+(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  return bearer ?? c.req.header('x-api-key');
};

/** Every `/v1` call needs a key (any will do) and a known version. @throws ApiError 401, 400 */
export const requireAccess = async (c: AppContext, next: () => Promise<void>): Promise<void> => {
  const key = keyOf(c);
  if (key === undefined || key === '') {
    throw new ApiError(
      401,
      'Send an API key as "Authorization: Bearer <key>" or "x-api-key". Any key will do here.',
    );
  }
  c.set('apiKey', key);
  c.set('apiVersion', apiVersion(c.req.header('anthropic-version')));
  await next();
};
