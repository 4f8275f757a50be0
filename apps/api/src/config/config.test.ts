import { join } from 'node:path';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { describe, expect, test } from 'vitest';
import { writeCertificate } from '../../test/certificate-files.ts';
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
      corsOrigins: 'loopback',
      allowedHosts: [],
      websocket: { enabled: true, heartbeatMs: 30_000 },
      taskDefaults: { timeoutMs: 300_000, maxRetries: 3 },
    });
    const keyed = { AUTH_ENABLED: 'true', API_KEYS: 'k' };
    expect(loadApiConfig(keyed)).toMatchObject({ corsOrigins: '*' });
    expect(loadApiConfig({}).keyMaxDays).toBeUndefined();
    expect(loadApiConfig({}).limits).toBeUndefined();
    expect(loadApiConfig({}).maxSwarms).toBeUndefined();
    expect(loadApiConfig({ MAX_SWARMS: '50', MAX_SWARMS_PER_OWNER: '5' })).toMatchObject({
      maxSwarms: 50,
      maxSwarmsPerOwner: 5,
    });
    expect(fields({ MAX_SWARMS_PER_OWNER: '0' })).toEqual(['MAX_SWARMS_PER_OWNER']);
    expect(fields({ MAX_SWARMS: '0' })).toEqual(['MAX_SWARMS']);
    expect(loadApiConfig({}).storage).toEqual({ perSwarm: 268_435_456, perOwner: 4_294_967_296 });
    expect(loadApiConfig({ STORAGE_PER_SWARM: '0', STORAGE_PER_OWNER: '0' }).storage).toEqual({});
    expect(fields({ STORAGE_PER_SWARM: '-1', STORAGE_PER_OWNER: '4GB' })).toEqual([
      'STORAGE_PER_SWARM',
      'STORAGE_PER_OWNER',
    ]);
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

test('an API that probes ask about serves on for five seconds when it is told to stop; in development for none', () => {
  const delay = (env: Record<string, string>) => loadApiConfig(env).shutdownDelayMs;
  expect(delay({})).toBe(0);
  expect(delay({ HEALTH_PORT: '0' })).toBe(0);
  expect(delay({ HEALTH_PORT: '9090' })).toBe(5_000);
  expect(delay({ NODE_ENV: 'production' })).toBe(5_000);
  expect(delay({ NODE_ENV: 'production', SHUTDOWN_DELAY: '0' })).toBe(0);
  expect(delay({ SHUTDOWN_DELAY: '250' })).toBe(250);
  for (const bad of ['-1', 'soon', '600001'])
    expect(fields({ SHUTDOWN_DELAY: bad })).toEqual(['SHUTDOWN_DELAY']);
});

describe('faults', () => {
  test('all at once', () => {
    const env = {
      PORT: '65536',
      RATE_LIMIT_MAX: '0',
      RATE_LIMIT_WINDOW: 'soon',
      WS_HEARTBEAT: '1',
      WS_ENABLED: 'perhaps',
      JWT_SECRET: 'short',
      CORS_ORIGINS: 'https://a.example/path',
      ALLOWED_HOSTS: 'http://a.example',
      KEY_MAX_DAYS: '0',
      BUDGET_DEFAULT: 'five',
      BUDGET_MAX: '-1',
      REDIS_URL: 'http://x',
      REDIS_PREFIX: 'a b',
      HEALTH_PORT: '-1',
      TRUSTED_PROXY_HOPS: '-1',
      RATE_LIMIT_CREATIONS: '1.5',
      MAX_CONNECTIONS: 'NaN',
      MAX_UNREAD_BYTES: '10',
      READ_PACE: '0',
      READ_GRACE: 'long',
      TLS_CERT_FILE: '/nowhere/tls.crt',
      TLS_KEY_FILE: '/nowhere/tls.key',
      AUTH_ENABLED: 'true',
    };
    expect(fields(env).sort()).toEqual(
      Object.keys(env)
        .filter((name) => name !== 'AUTH_ENABLED')
        .sort(),
    );
    for (const { field, message } of details(env)) expect(message).toContain(field);
  });

  test('a usual budget that is more than the largest', () => {
    expect(fields({ BUDGET_DEFAULT: '6', BUDGET_MAX: '5' })).toEqual(['BUDGET_DEFAULT']);
    expect(fields({ BUDGET_DEFAULT: 'maxTokens=6', BUDGET_MAX: '5' })).toEqual([]);
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

  test('production refuses secrets that everybody knows', () => {
    const production = { NODE_ENV: 'production', AUTH_ENABLED: 'true' };
    const bad = {
      API_KEYS: 'your-api-key-0000001',
      FRONTEND_API_KEY: 'changeme-changeme-changeme',
      ADMIN_API_KEYS: 'aaaaaaaaaaaaaaaaaaaaaaaa',
      ADMIN_API_KEY: 'short',
      JWT_SECRET: 'please-replace-me-with-32-random-bytes',
    };
    expect(fields({ ...production, ...bad }).sort()).toEqual(Object.keys(bad).sort());
    for (const secret of Object.values(bad)) {
      expect(JSON.stringify(details({ ...production, ...bad }))).not.toContain(secret);
    }
    expect(fields({ ...bad })).toEqual([]);
    const good = '5f1d7a84c3f04b1fb6b9c0f2f6f1f5c9a2b4c6d8e0f1a3b5';
    expect(fields({ ...production, API_KEYS: good, JWT_SECRET: `${good}x` })).toEqual([]);
  });

  test('one way to check tokens, and over TLS', () => {
    const jwks = { AUTH_ENABLED: 'true', JWT_JWKS_URL: 'https://id.example/keys' };
    expect(fields(jwks)).toEqual([]);
    expect(fields({ ...jwks, JWT_SECRET: 'x'.repeat(32) })).toEqual(['JWT_JWKS_URL']);
    expect(fields({ ...jwks, JWT_JWKS_URL: 'id.example' })).toEqual(['JWT_JWKS_URL']);
    const plain = { ...jwks, JWT_JWKS_URL: 'http://id.example/keys' };
    expect(fields(plain)).toEqual([]);
    expect(fields({ ...plain, NODE_ENV: 'production' })).toEqual(['JWT_JWKS_URL']);
    expect(fields({ ...jwks, JWT_PERMISSIONS_CLAIM: 'https://swarms.example/may' })).toEqual([]);
    expect(fields({ ...jwks, JWT_PERMISSIONS_CLAIM: 'two words' })).toEqual(['JWT_PERMISSIONS_CLAIM']);
  });

  test('a key cannot be a user’s and an administrator’s', () => {
    expect(fields({ API_KEYS: 'k', ADMIN_API_KEYS: 'j,k' })).toEqual(['ADMIN_API_KEYS']);
    expect(fields({ FRONTEND_API_KEY: 'k', ADMIN_API_KEY: 'k' })).toEqual(['ADMIN_API_KEYS']);
  });

  test('half a TLS pair, files that cannot be read, a key that does not fit', async () => {
    await using folder = await createTempFolder();
    const one = await writeCertificate(folder.path, 'one');
    const other = await writeCertificate(folder.path, 'other');
    const missing = join(folder.path, 'missing.pem');
    const pair = (cert: string, key: string) => ({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key });
    expect(fields(pair(one.certFile, one.keyFile))).toEqual([]);
    expect(fields(pair(one.certFile, ''))).toEqual(['TLS_KEY_FILE']);
    expect(fields(pair('', one.keyFile))).toEqual(['TLS_CERT_FILE']);
    expect(fields(pair(missing, missing))).toEqual(['TLS_CERT_FILE', 'TLS_KEY_FILE']);
    expect(details(pair(missing, one.keyFile))[0]?.message).toContain(missing);
    expect(fields(pair(one.certFile, other.keyFile))).toEqual(['TLS_CERT_FILE']);
    expect(fields(pair(one.keyFile, one.keyFile))).toEqual(['TLS_CERT_FILE']);
  });
});

test('the document’s two single keys are keys; undefined or blank ones are not', () => {
  const auth = (env: Record<string, string>) => loadApiConfig(env).auth;
  expect(auth({ FRONTEND_API_KEY: ' f ', ADMIN_API_KEY: 'a', API_KEYS: 'k' })).toMatchObject({
    apiKeys: ['k', 'f'],
    adminKeys: ['a'],
  });
  expect(auth({ FRONTEND_API_KEY: '  ', ADMIN_API_KEY: '' })).toMatchObject({ apiKeys: [], adminKeys: [] });
});
