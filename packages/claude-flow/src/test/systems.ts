import { type MockAnthropic, startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { createEnvironmentConfig, type HeadlessConfig } from '../headless/config.ts';
import { HeadlessSystem, type SystemOptions } from '../headless/system.ts';

export const OBJECTIVE = 'Build a REST API for user management';
export const WAIT = { timeoutMs: 25_000 };
export const TWO_TASKS = [
  { key: 'one', name: 'First', description: 'The first of the two tasks.' },
  { key: 'two', name: 'Second', description: 'The second of the two tasks.', dependencies: ['one'] },
];

/** Systems of one file of tests: a Redis and a model for all, a prefix for each; stopped after every test. */
export function useSystems() {
  let redis: TestRedis;
  let model: MockAnthropic;
  let systems: HeadlessSystem[] = [];
  let count = 0;
  beforeAll(async () => {
    [redis, model] = await Promise.all([startTestRedis(), startMockAnthropic()]);
  });
  afterEach(async () => {
    await Promise.all(systems.map((system) => system.stop()));
    systems = [];
  });
  afterAll(async () => {
    await model?.close();
    await redis?.stop();
  });

  function baseEnv() {
    count += 1;
    return {
      REDIS_URL: redis.url,
      REDIS_PREFIX: `${redis.prefix}-${count}`,
      ANTHROPIC_BASE_URL: model.url,
      PORT: '0',
      LOG_LEVEL: 'silent',
    };
  }
  return {
    baseEnv,
    make(change: (config: HeadlessConfig) => void = () => {}, options: SystemOptions = {}) {
      const env = baseEnv();
      const config = createEnvironmentConfig(env);
      change(config);
      const system = new HeadlessSystem(config, { env, ...options });
      systems.push(system);
      return system;
    },
  };
}

export async function post(
  system: HeadlessSystem,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${system.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}
