import { jwtVerify } from 'jose';
import { isRight, type Principal, USER_RIGHTS } from './principal.ts';

/** Clocks of two machines differ by about this much at most. */
const CLOCK_TOLERANCE_S = 5;

/**
 * Tokens that somebody with JWT_SECRET signed: HS256 and nothing else, `exp` and `sub` required. The claim `permissions`
 * (a list) narrows what the token may do; without it, it may read and write its own swarms.
 */
export function createTokenReader(
  secret: string | undefined,
): (token: string) => Promise<Principal | undefined> {
  if (secret === undefined) return async () => undefined;
  const key = new TextEncoder().encode(secret);
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      if (typeof payload.sub !== 'string' || payload.sub === '') return undefined;
      const claimed: unknown = payload['permissions'];
      const rights = Array.isArray(claimed) ? claimed.filter(isRight) : USER_RIGHTS;
      return { owner: `jwt:${payload.sub}`, rights, seesAll: false };
    } catch {
      return undefined;
    }
  };
}
