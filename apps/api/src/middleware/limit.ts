import { createHash } from 'node:crypto';
import type { Ledger } from '@claude-flow/core/store/ledger';
import type { Context, MiddlewareHandler } from 'hono';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { AppEnv } from '../app-env.ts';
import type { ApiConfig } from '../config.ts';
import { ApiError } from '../errors/api-error.ts';
import { limitKeyPrefix } from '../redis-keys.ts';
import { PUBLIC_PATHS } from './authenticate.ts';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Asked by machines, at their own pace. */
const UNLIMITED: ReadonlySet<string> = new Set([...PUBLIC_PATHS, '/metrics']);

/**
 * Counts each caller's reads and writes over all API processes. While Redis is away the refusal is that of every other
 * command: 503, without a second wait for the same store.
 */
export function limit(
  ledger: Ledger,
  limits: NonNullable<ApiConfig['limits']>,
  authEnabled: boolean,
): MiddlewareHandler<AppEnv> {
  const duration = Math.ceil(limits.windowMs / 1000);
  const limiter = (kind: 'read' | 'write', points: number) =>
    new RateLimiterRedis({
      storeClient: ledger.redis,
      keyPrefix: limitKeyPrefix(ledger.keys.prefix, kind),
      points,
      duration,
    });
  const reads = limiter('read', limits.reads);
  const writes = limiter('write', limits.writes);

  return async (c, next) => {
    if (UNLIMITED.has(c.req.path)) return next();
    const used = READING.has(c.req.method) ? reads : writes;
    const who = authEnabled ? (c.get('principal')?.owner ?? 'nobody') : remoteAddress(c);
    const result = await used.consume(hash(who)).catch((refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    });
    const resetSeconds = Math.max(1, Math.ceil(result.msBeforeNext / 1000));
    const headers = {
      'RateLimit-Limit': String(used.points),
      'RateLimit-Remaining': String(result.remainingPoints),
      'RateLimit-Reset': String(resetSeconds),
    };
    if (result.consumedPoints > used.points) {
      const message = `At most ${used.points} such requests in ${duration} s. Try again in ${resetSeconds} s.`;
      throw new ApiError('limit_exceeded', message, { retryAfter: resetSeconds, headers });
    }
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    return next();
  };
}

/** A caller's own text never becomes part of a key. */
const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

function remoteAddress(c: Context<AppEnv>): string {
  return c.env?.incoming?.socket.remoteAddress ?? 'unknown';
}
