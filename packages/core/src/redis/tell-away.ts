import type { Logger } from '../runtime/logger.ts';
import type { RedisClient } from './connect.ts';

/** A connection that is back within this time was only replaced: servers and proxies close those that stand idle. */
const AWAY_AFTER_MS = 1_000;

/** Logs when Redis is away and when it is back. @returns ends it */
export function tellAway(redis: RedisClient, log: Logger, meanwhile: string): () => void {
  let timer: NodeJS.Timeout | undefined;
  let told = false;
  let over = false;
  redis.on('close', () => {
    if (over || told) return;
    timer ??= setTimeout(() => {
      told = true;
      log.warn({ event: 'redis.away' }, `Redis is away; ${meanwhile} until it is back`);
    }, AWAY_AFTER_MS);
  });
  redis.on('ready', () => {
    clearTimeout(timer);
    timer = undefined;
    if (told) log.info({ event: 'redis.back' }, 'Redis is back');
    told = false;
  });
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
