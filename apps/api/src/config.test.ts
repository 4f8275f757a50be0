import { describe, expect, test } from 'vitest';
import { loadApiConfig } from './config.ts';

const details = (env: Record<string, string>): { field: string; message: string }[] => {
  try {
    loadApiConfig(env);
    return [];
  } catch (error) {
    return (error as { details: { field: string; message: string }[] }).details;
  }
};
const fields = (env: Record<string, string>) => details(env).map(({ field }) => field);

describe('defaults', () => {
  test('an empty environment: development, loopback, open, no limits', () => {
    expect(loadApiConfig({})).toMatchObject({
      environment: 'development',
      host: '127.0.0.1',
      port: 3000,
      auth: { enabled: false, apiKeys: [], adminKeys: [] },
      corsOrigins: '*',
      websocket: { enabled: true, heartbeatMs: 30_000 },
      taskDefaults: { timeoutMs: 300_000, maxRetries: 3 },
    });
    expect(loadApiConfig({}).limits).toBeUndefined();
  });

  test('with keys: all addresses, limited; empty entries are no keys; empty variables are unset', () => {
    const config = loadApiConfig({ AUTH_ENABLED: 'true', API_KEYS: ' a, ,b,,', PORT: '', HOST: '' });
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 3000,
      auth: { enabled: true, apiKeys: ['a', 'b'] },
      limits: { windowMs: 900_000, writes: 100, creations: 100, reads: 3_000, failedAuth: 100 },
    });
  });

  test('in production no page of another origin may call', () => {
    expect(loadApiConfig({ NODE_ENV: 'production' })).toMatchObject({ host: '127.0.0.1', corsOrigins: [] });
    const named = { NODE_ENV: 'production', CORS_ORIGINS: 'https://a.example, https://b.example' };
    expect(loadApiConfig(named).corsOrigins).toEqual(['https://a.example', 'https://b.example']);
  });
});

describe('faults', () => {
  test('all at once', () => {
    const env = {
      PORT: '65536',
      RATE_LIMIT_MAX: '0',
      RATE_LIMIT_WINDOW: 'soon',
      WS_HEARTBEAT: '1',
      WS_ENABLED: 'yes',
      JWT_SECRET: 'short',
      CORS_ORIGINS: 'https://a.example/path',
      REDIS_URL: 'http://x',
      REDIS_PREFIX: 'a b',
      HEALTH_PORT: '-1',
      AUTH_ENABLED: 'true',
    };
    expect(fields(env).sort()).toEqual(
      Object.keys(env)
        .filter((name) => name !== 'AUTH_ENABLED')
        .sort(),
    );
    for (const { field, message } of details(env)) expect(message).toContain(field);
  });

  test('production refuses what lets strangers in', () => {
    const production = { NODE_ENV: 'production' };
    expect(fields({ ...production, HOST: '0.0.0.0' })).toEqual(['AUTH_ENABLED']);
    expect(fields({ ...production, HOST: '10.0.0.5', AUTH_ENABLED: 'false' })).toEqual(['AUTH_ENABLED']);
    expect(fields({ ...production, HOST: '::1' })).toEqual([]);
    expect(fields({ ...production, HOST: '0.0.0.0', ALLOW_UNAUTHENTICATED: 'true' })).toEqual([]);
    const keyed = { ...production, AUTH_ENABLED: 'true' };
    expect(fields({ ...keyed, API_KEYS: 'short,long-enough-to-be-a-key', CORS_ORIGINS: '*' })).toEqual([
      'API_KEYS',
      'CORS_ORIGINS',
    ]);
    expect(fields({ ...keyed, API_KEYS: 'long-enough-to-be-a-key' })).toEqual([]);
  });
});
