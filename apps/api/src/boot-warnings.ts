import type { Logger } from '@claude-flow/core/runtime/logger';
import type { ApiConfig } from './config.ts';
import { isLoopback } from './origins.ts';

/** What is permitted and still worth a line at every start, whoever starts the API. */
export function tellOpenDoors({ auth, host }: ApiConfig, log: Logger, served: boolean): void {
  if (!auth.enabled) {
    const reach = served ? `everybody who reaches ${host}` : 'everybody who may call this function';
    const who = served && isLoopback(host) ? 'every program on this machine' : reach;
    log.warn(
      { event: 'auth.off', host },
      `AUTHENTICATION IS OFF: ${who} may use this API. Set AUTH_ENABLED=true and API_KEYS to ask for keys.`,
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
