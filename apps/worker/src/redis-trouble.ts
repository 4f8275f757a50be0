import { scrub } from '@claude-flow/core/runtime/error-record';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { redisAddress } from '@claude-flow/core/runtime/redis-url';
import { REDIS_ERROR_LOG_EVERY_MS } from './tunables.ts';

/** Tells of a Redis that is away now and then, not with each attempt of each connection. */
export function createRedisTrouble(log: Logger, url: string): (error: Error) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = performance.now();
    if (now - toldAt < REDIS_ERROR_LOG_EVERY_MS) return;
    toldAt = now;
    const message = `Trouble with Redis at ${redisAddress(url)} (${scrub(error.message)}). The worker goes on when it is back.`;
    log.warn({ event: 'redis.trouble' }, message);
  };
}
