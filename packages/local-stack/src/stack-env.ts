import type { ProcessKind } from './entries.ts';

export type StackModel =
  /** The offline Anthropic server of this repository. */
  | { kind: 'mock'; latencyMs?: number; seed?: number | string }
  /** A real model, or any server that speaks the Messages API. */
  | { kind: 'anthropic'; apiKey?: string; baseUrl?: string };

export interface StackEnvOptions {
  kind: ProcessKind;
  redisUrl: string;
  model: StackModel;
  /** Where the mock serves; only for `model.kind` mock, and not for the mock itself. */
  mockUrl?: string;
  /** Overrides for every process. */
  env?: Record<string, string>;
  /** Overrides for this one, which win. */
  own?: Record<string, string>;
}

function modelEnv({ model, mockUrl }: StackEnvOptions): Record<string, string> {
  if (model.kind === 'anthropic') {
    return {
      ...(model.apiKey === undefined ? {} : { ANTHROPIC_API_KEY: model.apiKey }),
      ...(model.baseUrl === undefined ? {} : { ANTHROPIC_BASE_URL: model.baseUrl }),
    };
  }
  return {
    ANTHROPIC_API_KEY: 'simulated',
    ...(mockUrl === undefined ? {} : { ANTHROPIC_BASE_URL: mockUrl }),
  };
}

function mockEnv({ model }: StackEnvOptions): Record<string, string> {
  if (model.kind !== 'mock') return {};
  return {
    MOCK_PORT: '0',
    ...(model.latencyMs === undefined ? {} : { MOCK_LATENCY_MS: String(model.latencyMs) }),
    ...(model.seed === undefined ? {} : { MOCK_SEED: String(model.seed) }),
  };
}

/** All variables that one process of a stack is given, on top of the minimal environment. */
export function stackEnv(options: StackEnvOptions): Record<string, string> {
  const specific =
    options.kind === 'mock'
      ? mockEnv(options)
      : { REDIS_URL: options.redisUrl, AUTH_ENABLED: 'false', ...modelEnv(options) };
  const env = {
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    PORT: '0',
    HEALTH_PORT: '0',
    ...specific,
    ...options.env,
    ...options.own,
  };
  return Object.fromEntries(Object.entries(env).filter(([name]) => needs(options.kind, name)));
}

/** Logins are given to those who use them: the API calls no model, and the offline model has no Redis. */
function needs(kind: ProcessKind, name: string): boolean {
  if (name.startsWith('ANTHROPIC_')) return kind === 'scheduler' || kind === 'worker';
  return kind !== 'mock' || !name.startsWith('REDIS_');
}
