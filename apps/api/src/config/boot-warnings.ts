import { isLoopback } from '@claude-flow/core/domain/loopback';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { isWellKnownSecret } from '../auth/well-known-secrets.ts';
import type { ApiConfig } from './config.ts';

/** What is permitted and still worth a line at every start, whoever starts the API. */
export function tellOpenDoors({ auth, host, environment }: ApiConfig, log: Logger, served: boolean): void {
  if (!auth.enabled) {
    const reach = served ? `everybody who reaches ${host}` : 'everybody who may call this function';
    const who = served && isLoopback(host) ? 'every program on this machine' : reach;
    log.warn(
      { event: 'auth.off', host },
      `AUTHENTICATION IS OFF: ${who} may use this API. Set AUTH_ENABLED=true and API_KEYS to ask for keys.`,
    );
  }
  const secret = auth.tokens !== undefined && 'secret' in auth.tokens.by ? [auth.tokens.by.secret] : [];
  const known = [...auth.apiKeys, ...auth.adminKeys, ...secret].filter(isWellKnownSecret).length;
  // In production the API does not start with one.
  if (known > 0 && environment !== 'production') {
    log.warn(
      { event: 'auth.well_known_secret', count: known },
      'Keys or secrets of this API are short, or ones that everybody tries first. Make others: openssl rand -hex 32',
    );
  }
  const { tokens } = auth;
  if (tokens !== undefined && 'jwksUrl' in tokens.by && tokens.audience === undefined) {
    log.warn(
      { event: 'auth.any_audience' },
      'Every token of the identity provider is accepted, also those made for other services. Set JWT_AUDIENCE.',
    );
  }
}
