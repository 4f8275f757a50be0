import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import type { ApiConfig } from '../../config/config.ts';
import { originAllowed } from '../../config/origins.ts';
import type { AppEnv } from '../app-env.ts';

/** How long a browser may remember a preflight's answer. */
const PREFLIGHT_MAX_AGE_S = 600;
/** How long a browser must come back over TLS only: a year, this host alone. */
const TLS_ONLY = 'max-age=31536000';

/** What no page of ours needs. */
const permissionsPolicy = {
  accelerometer: [],
  camera: [],
  displayCapture: [],
  geolocation: [],
  gyroscope: [],
  microphone: [],
  midi: [],
  payment: [],
  usb: [],
};

/** Headers for answers that are data. A page of ours (docs, board) sets its own content policy, which stays. */
export function securityHeaders(config: Pick<ApiConfig, 'server' | 'proxyHops'>): MiddlewareHandler<AppEnv> {
  const common = secureHeaders({
    overwrite: false,
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
    permissionsPolicy,
    // Below: over plain HTTP it means nothing.
    strictTransportSecurity: false,
  });
  return async (c, next) => {
    await common(c, next);
    const byProxy = config.proxyHops > 0 && c.req.header('x-forwarded-proto') === 'https';
    if (config.server.tls !== undefined || byProxy) c.header('Strict-Transport-Security', TLS_ONLY);
    // Answers depend on who asks: no cache in between may keep one for somebody else.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  };
}

/** Which pages may call from a browser. Keys travel in headers, so that cookies are never allowed. */
export function crossOrigin(origins: ApiConfig['corsOrigins']): MiddlewareHandler {
  return cors({
    origin:
      origins === 'loopback'
        ? (origin) => (originAllowed('loopback', origin, undefined) ? origin : null)
        : origins === '*'
          ? '*'
          : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowHeaders: ['Content-Type', 'X-API-Key', 'Authorization', 'Idempotency-Key', 'Last-Event-ID'],
    exposeHeaders: [
      'X-Request-Id',
      'Retry-After',
      'RateLimit-Limit',
      'RateLimit-Remaining',
      'RateLimit-Reset',
      'Idempotency-Replayed',
      'Location',
      'Content-Disposition',
    ],
    maxAge: PREFLIGHT_MAX_AGE_S,
  });
}
