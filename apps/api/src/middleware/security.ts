import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import type { ApiConfig } from '../config.ts';

/** How long a browser may remember a preflight's answer. */
const PREFLIGHT_MAX_AGE_S = 600;

/** Headers for answers that are data. A page of ours (docs, board) sets its own content policy, which stays. */
export function securityHeaders(): MiddlewareHandler {
  return secureHeaders({
    overwrite: false,
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
    // Said by whoever ends TLS; over plain HTTP it means nothing.
    strictTransportSecurity: false,
  });
}

/** Which pages may call from a browser. Keys travel in headers, so that cookies are never allowed. */
export function crossOrigin(origins: ApiConfig['corsOrigins']): MiddlewareHandler {
  return cors({
    origin: origins,
    allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowHeaders: ['Content-Type', 'X-API-Key', 'Authorization', 'Idempotency-Key', 'Last-Event-ID'],
    exposeHeaders: [
      'X-Request-Id',
      'Retry-After',
      'RateLimit-Limit',
      'RateLimit-Remaining',
      'RateLimit-Reset',
      'Idempotency-Replayed',
      'Content-Disposition',
    ],
    maxAge: PREFLIGHT_MAX_AGE_S,
  });
}
