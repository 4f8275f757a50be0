import type { MiddlewareHandler } from 'hono';
import type { ApiConfig } from '../../config/config.ts';
import { hostAllowed, originAllowed } from '../../config/origins.ts';
import type { AppEnv } from '../app-env.ts';
import { ApiError } from '../errors/api-error.ts';
import { PROBE_PATHS } from './authenticate.ts';
import { READING } from './reading.ts';

/**
 * Without authentication a browser on this machine is let in whatever page it shows. So the page has to be one of ours: a name that
 * may be anybody's is refused (DNS rebinding), and so is every change by a page of another origin.
 */
export function guardFromPages({ allowedHosts, corsOrigins }: ApiConfig): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const host = c.req.header('host');
    if (PROBE_PATHS.includes(c.req.path)) return next();
    if (host !== undefined && allowedHosts !== 'any' && !hostAllowed(host, allowedHosts)) {
      throw new ApiError(
        'host_not_allowed',
        'Without authentication this API answers under localhost, its addresses and the names in ALLOWED_HOSTS only. Add the name of the Host header there, or set AUTH_ENABLED=true.',
      );
    }
    if (!READING.has(c.req.method) && !originAllowed(corsOrigins, c.req.header('origin'), host)) {
      throw new ApiError(
        'origin_not_allowed',
        'Without authentication pages of this origin may change nothing. Add it to CORS_ORIGINS, or set AUTH_ENABLED=true.',
      );
    }
    return next();
  };
}
