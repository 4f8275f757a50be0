import { createHash, timingSafeEqual } from 'node:crypto';
import { isLoopback } from '@claude-flow/core/domain/loopback';
import type { ApiConfig } from '../config/config.ts';
import type { Credentials } from './credentials.ts';
import { createTokenReader } from './jwt.ts';
import type { KeyRing } from './key-ring.ts';
import { type Principal, RIGHTS, USER_RIGHTS } from './principal.ts';

export interface Authenticator {
  /**
   * @returns undefined when nothing that was brought is good
   * @throws ApiError `identity_unavailable`; what Redis says when it is away
   */
  identify(credentials: Credentials): Promise<Principal | undefined>;
  /** Is somebody who was identified before still to be let in? */
  stillGood(principal: Principal): Promise<boolean>;
}

interface KnownKey {
  hash: Buffer;
  principal: Principal;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();

const ownerOfHash = (hash: Buffer) => `key:${hash.toString('hex').slice(0, 32)}`;

/** The owners that the keys of the environment stand for, as they are stored. Never shown (`store/owner-names`). */
export function environmentOwners({ adminKeys, apiKeys }: ApiConfig['auth']): string[] {
  return [...adminKeys, ...apiKeys].map((key) => ownerOfHash(sha256(key)));
}

function knownKeys(auth: ApiConfig['auth']): KnownKey[] {
  const known = (key: string, admin: boolean): KnownKey => {
    const hash = sha256(key);
    const owner = ownerOfHash(hash);
    return {
      hash,
      principal: { owner, rights: admin ? RIGHTS : USER_RIGHTS, seesAll: admin, by: 'environment' },
    };
  };
  return [...auth.adminKeys.map((key) => known(key, true)), ...auth.apiKeys.map((key) => known(key, false))];
}

/**
 * Keys of the environment, stored keys, and JSON web tokens. Keys are compared as hashes, those of the environment each
 * with all, so that the time taken tells nothing. Without authentication everybody is the one owner `local`; an admin key
 * still makes an administrator.
 */
export function createAuthenticator(
  config: Pick<ApiConfig, 'auth' | 'host'>,
  keyRing: Pick<KeyRing, 'find' | 'stands'>,
  now: () => number,
): Authenticator {
  const { auth } = config;
  const keys = knownKeys(auth);
  const readToken = createTokenReader(auth.tokens);
  // Whoever can reach a loopback address runs programs on this machine already.
  const localRights = isLoopback(config.host) ? RIGHTS : USER_RIGHTS;
  const local: Principal = { owner: 'local', rights: localRights, seesAll: false, by: 'local' };

  const ofEnvironment = (key: string): Principal | undefined => {
    const hash = sha256(key);
    let found: Principal | undefined;
    for (const known of keys) if (timingSafeEqual(known.hash, hash)) found ??= known.principal;
    return found;
  };
  const ofKey = async (key: string | undefined): Promise<Principal | undefined> =>
    key === undefined ? undefined : (ofEnvironment(key) ?? keyRing.find(key));

  return {
    async stillGood({ keyId, expiresAt }) {
      if (expiresAt !== undefined && now() >= expiresAt) return false;
      return keyId === undefined || keyRing.stands(keyId);
    },
    async identify({ apiKey, bearer, password }) {
      const byKey = (await ofKey(apiKey)) ?? (await ofKey(bearer)) ?? (await ofKey(password));
      if (byKey !== undefined && (auth.enabled || byKey.seesAll)) return byKey;
      if (!auth.enabled) return local;
      return bearer === undefined ? undefined : readToken(bearer);
    },
  };
}
