import { loadApiConfig } from '@claude-flow/api/config/config';
import { apiEnvFields } from '@claude-flow/api/config/env-fields';
import { KNOWN_VARIABLES } from '@claude-flow/core/runtime/known-variables';
import { loadSchedulerConfig, schedulerEnvFields } from '@claude-flow/scheduler/config';
import { loadWorkerConfig, workerEnvFields } from '@claude-flow/worker/config';
import { describe, expect, test } from 'vitest';
import { createEnvironmentConfig } from './config.ts';
import { processVariables } from './process-env.ts';
import { configFaults } from './validate-config.ts';

type Env = Record<string, string>;
const MODEL = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };

/** What the API's own process, the library and the command, and Lambda make of an environment. */
const entries: Record<string, (env: Env) => { config: ReturnType<typeof loadApiConfig>; faults: string[] }> =
  {
    main: (env) => ({ config: loadApiConfig(env), faults: [] }),
    library: (env) => {
      const config = createEnvironmentConfig(env);
      return { config: loadApiConfig(processVariables(config, env)), faults: configFaults(config, env) };
    },
    lambda: (env) => ({ config: loadApiConfig(env, { entry: 'function' }), faults: [] }),
  };

function refused(entry: string, env: Env): string {
  try {
    return entries[entry]?.({ ...MODEL, ...env }).faults.join('\n') ?? '';
  } catch (error) {
    return String(error);
  }
}

describe.each(Object.keys(entries))('%s', (entry) => {
  test.each(['true', 'True', 'TRUE', '1', 'yes', 'Yes', 'on', 'ON'])(
    'AUTH_ENABLED=%s closes the door',
    (value) => {
      const { config, faults } = entries[entry]?.({ ...MODEL, AUTH_ENABLED: value, API_KEYS: 'k' }) ?? {};
      expect(config?.auth.enabled).toBe(true);
      expect(faults).toEqual([]);
    },
  );

  test.each(['false', 'No', 'OFF', '0', ''])('AUTH_ENABLED=%s leaves it open, on this machine', (value) => {
    const { config } = entries[entry]?.({ ...MODEL, AUTH_ENABLED: value }) ?? {};
    expect([config?.auth.enabled, config?.host]).toEqual([false, '127.0.0.1']);
  });

  test.each([
    ['AUTH_ENABLED', 'ja'],
    ['AUTH_ENABLED', '"true"'],
    ['WS_ENABLED', 'maybe'],
    ['ENABLE_METRICS', '2'],
    ['RESOURCE_MONITORING', 'x'],
    ['ALLOW_UNAUTHENTICATED', 'sure'],
    ['WEBHOOK_ALLOW_PRIVATE', 'x'],
    ['NODE_ENV', 'prod'],
    ['NODE_ENV', 'staging'],
    ['LOG_LEVEL', 'loud'],
    ['RATE_LIMIT_WINDOW', '1e5'],
    ['REDIS_URL', 'redis://h/abc'],
  ])('%s=%s is refused', (name, value) => {
    expect(refused(entry, { [name]: value })).toContain(name);
  });

  test('prod is no environment, and production is meant', () => {
    expect(refused(entry, { NODE_ENV: 'prod' })).toContain('Did you mean production?');
  });

  test('quotes are named where they are the fault', () => {
    expect(refused(entry, { AUTH_ENABLED: '"true"' })).toContain('remove them');
  });

  test('ALLOW_UNAUTHENTICATED=false opens nothing', () => {
    const { config } = entries[entry]?.({ ...MODEL, ALLOW_UNAUTHENTICATED: 'false' }) ?? {};
    expect(config?.host).toBe('127.0.0.1');
  });
});

test('in production Lambda is open to everybody who may call it, and refuses to be', () => {
  expect(refused('lambda', { NODE_ENV: 'production' })).toContain('AUTH_ENABLED');
  expect(refused('lambda', { NODE_ENV: 'Production' })).toContain('AUTH_ENABLED');
  expect(refused('lambda', { NODE_ENV: 'production', ALLOW_UNAUTHENTICATED: 'yes' })).toBe('');
  expect(
    refused('lambda', { NODE_ENV: 'production', AUTH_ENABLED: 'true', API_KEYS: 'a'.repeat(20) }),
  ).toContain('example');
});

test('two logins for one model server are refused everywhere', () => {
  const env = { ANTHROPIC_API_KEY: 'k', ANTHROPIC_AUTH_TOKEN: 't' };
  for (const load of [loadSchedulerConfig, loadWorkerConfig]) {
    expect(() => load(env)).toThrow('ANTHROPIC_AUTH_TOKEN');
    expect(load({ ANTHROPIC_AUTH_TOKEN: 't' }).anthropic.apiKey).toBe('t');
    expect(() => load({ ANTHROPIC_AUTH_TOKEN: 't', ANTHROPIC_AUTH_HEADER: 'x-api-key' })).toThrow(
      'ANTHROPIC_AUTH_HEADER',
    );
    expect(() => load({ ANTHROPIC_API_KEY: 't', ANTHROPIC_AUTH_HEADER: 'cookie' })).toThrow(
      'bearer, x-api-key',
    );
  }
  expect(refused('library', env)).toContain('ANTHROPIC_AUTH_TOKEN');
});

test('the list of known variables has all that is read, by name', () => {
  const read = Object.keys({ ...apiEnvFields, ...schedulerEnvFields, ...workerEnvFields });
  const byType = /^CLAUDE_FLOW_MODEL_[A-Z]+$/;
  expect(read.filter((name) => !KNOWN_VARIABLES.has(name) && !byType.test(name))).toEqual([]);
});
