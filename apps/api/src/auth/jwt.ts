import { proxyFetch } from '@claude-flow/core/runtime/proxy-fetch';
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { TokenConfig } from '../config/config.ts';
import { createRemoteKeys } from './jwks.ts';
import { isRight, type Principal, type Right, USER_RIGHTS } from './principal.ts';

/** Clocks of two machines differ by about this much at most. */
const CLOCK_TOLERANCE_S = 5;
/** With keys that everybody can read, only algorithms whose signing key is another one. */
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Where a token's permissions are when JWT_PERMISSIONS_CLAIM does not say otherwise. */
const USUAL_CLAIM = 'permissions';

/** As long as an owner of a stored key may be. */
const MAX_SUBJECT = 256;
/** The last second of a Date: `exp` may be written 1e999, and would then not be a number for everybody. */
const MAX_EXP_S = 8_640_000_000_000;

export type TokenReader = (token: string) => Promise<Principal | undefined>;

/**
 * Tokens of somebody with JWT_SECRET (HS256 and nothing else), or of an identity provider (asymmetric algorithms and
 * nothing else); `exp` and `sub` required. A claim says what the token may do (`rightsOf`). The reader resolves to undefined
 * for a token that is not good.
 * @throws ApiError `identity_unavailable` from the reader, when the provider's keys are needed and cannot be had
 */
export function createTokenReader(tokens: TokenConfig | undefined): TokenReader {
  if (tokens === undefined) return async () => undefined;
  const { by, issuer, audience, permissionsClaim } = tokens;
  const common: JWTVerifyOptions = {
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_S,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  if ('secret' in by) {
    const secret = new TextEncoder().encode(by.secret);
    const rights = (payload: JWTPayload) => rightsOf(payload, { named: permissionsClaim, ours: true });
    return (token) => read(jwtVerify(token, secret, { ...common, algorithms: ['HS256'] }), rights);
  }
  const keys = createRemoteKeys(by.jwksUrl, Date.now, proxyFetch(by.proxy));
  const rights = (payload: JWTPayload) => rightsOf(payload, { named: permissionsClaim, ours: false });
  return (token) => read(jwtVerify(token, keys, { ...common, algorithms: ASYMMETRIC }), rights);
}

/**
 * What a token may do. A claim that was named decides alone: what it does not grant, or a token without it, may not be done.
 * Otherwise the claim `permissions` narrows what every token may: read and write the swarms of its subject. Identity
 * providers use that very name for permissions of their own (`read:users`); from them it counts only when it names one
 * of ours.
 * @param how.ours the token was made for this API, with JWT_SECRET
 */
export function rightsOf(
  payload: JWTPayload,
  how: { named: string | undefined; ours: boolean },
): readonly Right[] {
  const claimed: unknown = payload[how.named ?? USUAL_CLAIM];
  // A list, or words with spaces between, as `scope` has them.
  const words = typeof claimed === 'string' && how.named !== undefined ? claimed.split(' ') : claimed;
  const granted = Array.isArray(words) ? words.filter(isRight) : [];
  if (how.named !== undefined) return granted;
  if (claimed === undefined) return USER_RIGHTS;
  return how.ours || granted.length > 0 ? granted : USER_RIGHTS;
}

/** It becomes an owner's name, which has to be stored and given back as it came. */
function isSubject(sub: unknown): sub is string {
  const fits = typeof sub === 'string' && sub !== '' && sub.length <= MAX_SUBJECT;
  return fits && sub.isWellFormed() && !sub.includes('\u0000');
}

async function read(
  verified: Promise<{ payload: JWTPayload }>,
  rights: (payload: JWTPayload) => readonly Right[],
): Promise<Principal | undefined> {
  try {
    const { payload } = await verified;
    const { sub, exp } = payload;
    if (!isSubject(sub) || exp === undefined || exp > MAX_EXP_S) return undefined;
    const expiresAt = (exp + CLOCK_TOLERANCE_S) * 1000;
    return { owner: `jwt:${sub}`, rights: rights(payload), seesAll: false, by: 'token', expiresAt };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}
