import { startPrivateRedis } from './private-redis.ts';
import type { ProvisionOptions } from './provision-redis-server.ts';

export interface ResolvedRedis {
  url: string;
  /** Where it comes from: the variable REDIS_URL, or a private one that ends with this process. */
  source: 'REDIS_URL' | 'private';
  /** Ends the private one; does nothing to the user's own. */
  stop(): Promise<void>;
}

/** The Redis to use: the user's own (REDIS_URL), else a private one. Rejects with a sentence that says what to do. */
export async function resolveRedis(options: ProvisionOptions = {}): Promise<ResolvedRedis> {
  const url = (options.env ?? process.env)['REDIS_URL'];
  if (url) return { url, source: 'REDIS_URL', stop: async () => {} };
  const redis = await startPrivateRedis(options);
  return { url: redis.url, source: 'private', stop: () => redis.stop() };
}
