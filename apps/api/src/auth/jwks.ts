import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose';
import { ApiError } from '../http/errors/api-error.ts';

/** A request waits this long for the identity provider, then it is answered 503. */
const FETCH_DEADLINE_MS = 2_000;
/** A key that is not among those known is asked for, but not more often than this: tokens with made-up keys cost nothing. */
const ASK_EVERY_MS = 2_000;
/** After a failure, the provider is left alone for this long. */
const REST_AFTER_FAILURE_MS = 1_000;
/** Keys that the provider has withdrawn are forgotten after this, provided that it answers. */
const REFRESH_EVERY_MS = 300_000;

/** A provider that has moved its keys says so once or twice, not for ever. */
const MAX_REDIRECTS = 3;

/** What says that a token fits no key, and not that there are no keys. */
const OF_THE_TOKEN = [
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSENotSupported,
  errors.JWKInvalid,
];

/**
 * The keys found at a URL. Those once read go on working while the provider is away; unknown ones then are a 503.
 * @throws ApiError `identity_unavailable`
 */
export function createRemoteKeys(
  url: string,
  now: () => number = Date.now,
  ask: typeof fetch = fetch,
): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_DEADLINE_MS,
    cooldownDuration: ASK_EVERY_MS,
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [customFetch]: fetchKeys(ask),
  });
  let refreshAt = 0;
  let restUntil = 0;
  const failed = () => {
    restUntil = now() + REST_AFTER_FAILURE_MS;
  };
  return async (header, token) => {
    const at = now();
    const set = remote.jwks();
    if (set === undefined) refreshAt = at + REFRESH_EVERY_MS;
    else if (at >= refreshAt) {
      refreshAt = at + REFRESH_EVERY_MS;
      remote.reload().catch(failed);
    }
    const known =
      header.kid === undefined ? set !== undefined : set?.keys.some(({ kid }) => kid === header.kid);
    if (at < restUntil && !known) throw unavailable();
    try {
      return await remote(header, token);
    } catch (error) {
      if (OF_THE_TOKEN.some((kind) => error instanceof kind)) throw error;
      failed();
      throw unavailable();
    }
  };
}

/** Follows the provider's redirects, but never from a safe connection to one that others can change. */
const fetchKeys =
  (ask: typeof fetch): FetchImplementation =>
  async (url, options) => {
    let at = new URL(url);
    for (let redirects = 0; ; redirects += 1) {
      const response = await ask(at, options);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) return response;
      await response.body?.cancel();
      const next = new URL(location, at);
      const safe = next.protocol === 'https:' || next.origin === at.origin;
      if (!safe || redirects === MAX_REDIRECTS) return response;
      at = next;
    }
  };

function unavailable(): ApiError {
  const message = 'The keys that tokens are checked with cannot be fetched at the moment. Try again shortly.';
  return new ApiError('identity_unavailable', message, { retryAfter: 1 });
}
