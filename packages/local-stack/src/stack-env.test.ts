import { expect, test } from 'vitest';
import { stackEnv } from './stack-env.ts';

const redisUrl = 'redis://127.0.0.1:7000';

test('a worker with the offline model', () => {
  const model = { kind: 'mock' as const };
  expect(stackEnv({ kind: 'worker', redisUrl, model, mockUrl: 'http://127.0.0.1:7001' })).toEqual({
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    PORT: '0',
    HEALTH_PORT: '0',
    REDIS_URL: redisUrl,
    AUTH_ENABLED: 'false',
    ANTHROPIC_API_KEY: 'simulated',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:7001',
  });
});

test('a real model: the key and the base URL, which may be left out', () => {
  const real = stackEnv({
    kind: 'scheduler',
    redisUrl,
    model: { kind: 'anthropic', apiKey: 'k', baseUrl: 'http://m' },
  });
  expect(real).toMatchObject({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://m' });
  const plain = stackEnv({ kind: 'scheduler', redisUrl, model: { kind: 'anthropic', apiKey: 'k' } });
  expect(plain).not.toHaveProperty('ANTHROPIC_BASE_URL');
});

test('the mock gets its own settings and neither Redis nor a key', () => {
  const env = stackEnv({ kind: 'mock', redisUrl, model: { kind: 'mock', latencyMs: 5, seed: 7 } });
  expect(env).toMatchObject({ MOCK_PORT: '0', MOCK_LATENCY_MS: '5', MOCK_SEED: '7' });
  expect(env).not.toHaveProperty('REDIS_URL');
  expect(env).not.toHaveProperty('ANTHROPIC_API_KEY');
});

test("what is given for all wins over the stack's, what is given for one wins over both", () => {
  const env = { AUTH_ENABLED: 'true', LOG_LEVEL: 'debug', REDIS_PREFIX: 'p' };
  const result = stackEnv({
    kind: 'api',
    redisUrl,
    model: { kind: 'mock' },
    env,
    own: { LOG_LEVEL: 'warn' },
  });
  expect(result).toMatchObject({ AUTH_ENABLED: 'true', LOG_LEVEL: 'warn', REDIS_PREFIX: 'p' });
});
