import { provisionRedisServer } from '@claude-flow/local-stack/redis-server/provision-redis-server';

/**
 * Vitest's global setup: finds or downloads the Redis program once, before test files run side by side, and
 * names it to them in REDIS_SERVER_PATH. Where that is impossible, REDIS_SERVER_MISSING says why, and each
 * test that needs Redis goes on to the next way (see `startTestRedis`).
 */
export default async function setup(): Promise<void> {
  try {
    const program = await provisionRedisServer({ onProgress: (text) => console.log(text) });
    process.env['REDIS_SERVER_PATH'] = program.path;
  } catch (error) {
    process.env['REDIS_SERVER_MISSING'] = (error as Error).message;
  }
}
