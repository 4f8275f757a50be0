import { expect, test } from 'vitest';
import { redisCommand } from '../test-fixtures/redis-command.ts';
import { resolveRedis } from './resolve-redis.ts';

test('REDIS_URL is taken as it is', async () => {
  const redis = await resolveRedis({ env: { REDIS_URL: 'redis://redis.example:6379/2' } });
  expect(redis).toMatchObject({ url: 'redis://redis.example:6379/2', source: 'REDIS_URL' });
  await redis.stop();
});

test('without it a private one runs until stop', async () => {
  const { REDIS_URL: _, ...env } = process.env;
  const redis = await resolveRedis({ env });
  const port = Number(new URL(redis.url).port);
  expect(redis.source).toBe('private');
  expect(await redisCommand(port, 'PING')).toBe('+PONG\r\n');
  await redis.stop();
  await expect(redisCommand(port, 'PING')).rejects.toThrow('ECONNREFUSED');
});
