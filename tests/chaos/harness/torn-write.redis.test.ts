import { type PrivateRedis, startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { appendOnlyFile, sizeOf, tearAfter } from './torn-write.ts';

const push = (...values: string[]) =>
  values.map((value) => `redis.call('RPUSH', 'list', '${value}')`).join(' ');

async function withClient<T>(redis: PrivateRedis, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

test.each([0, 0.5, 0.99])(
  'a script torn at %s of its write is gone whole, and what follows stays over the next restart',
  async (share) => {
    const redis = await startPrivateRedis();
    try {
      await withClient(redis, (client) => client.eval(push('kept'), 0));
      const file = await appendOnlyFile(redis);
      const before = await sizeOf(file);
      await withClient(redis, (client) => client.eval(push('torn', 'torn too'), 0));
      await redis.kill();
      expect(await tearAfter(file, before, share)).toBeGreaterThan(0);
      await redis.restart();
      await withClient(redis, (client) => client.eval(push('later', 'later too'), 0));
      await redis.kill();
      await redis.restart();
      expect(await withClient(redis, (client) => client.lrange('list', '0', '-1'))).toEqual([
        'kept',
        'later',
        'later too',
      ]);
    } finally {
      await redis.stop();
    }
  },
);
