import type { TaskDefaults } from '@claude-flow/core/domain/plan-to-tasks';
import { loadConfig, taskDefaults } from '@claude-flow/core/runtime/config';
import { logLevel } from '@claude-flow/core/runtime/logger';
import { apiEnvSchema } from './env-schema.ts';
import { EVERY_ORIGIN } from './origins.ts';

/** What the front door takes from its environment, checked. */
export interface ApiConfig {
  environment: string;
  logLevel: string;
  redisUrl: string;
  redisPrefix: string;
  host: string;
  /** 0: any free one. */
  port: number;
  healthPort?: number;
  auth: { enabled: boolean; apiKeys: string[]; adminKeys: string[]; jwtSecret?: string };
  /** `*`, or the origins whose pages may call; empty: none. */
  corsOrigins: '*' | string[];
  /** Requests of one caller in one window. Undefined: no limits. */
  limits?: { windowMs: number; writes: number; reads: number };
  /** Swarms that may be started and not yet done, of all callers together. Undefined: any number. */
  maxSwarms?: number;
  websocket: { enabled: boolean; heartbeatMs: number };
  /** For tasks of callers' own graphs; planned ones get the scheduler's. */
  taskDefaults: TaskDefaults;
}

/** Generous, since clients poll: a poll each second for most of a quarter of an hour, by several clients. */
const READS_PER_WINDOW = 3_000;
const DEFAULT_WRITES_PER_WINDOW = 100;

/**
 * Reads the environment.
 * @throws ClaudeFlowError `config_invalid` with all faults at once
 */
export function loadApiConfig(variables: Record<string, string | undefined>): ApiConfig {
  const env = loadConfig(apiEnvSchema, variables);
  const limited = env.AUTH_ENABLED || env.RATE_LIMIT_MAX !== undefined;
  const origins = env.CORS_ORIGINS ?? (env.NODE_ENV === 'production' ? [] : [EVERY_ORIGIN]);
  const limits = {
    windowMs: env.RATE_LIMIT_WINDOW,
    writes: env.RATE_LIMIT_MAX ?? DEFAULT_WRITES_PER_WINDOW,
    reads: READS_PER_WINDOW,
  };
  return {
    environment: env.NODE_ENV,
    logLevel: logLevel(env),
    redisUrl: env.REDIS_URL,
    redisPrefix: env.REDIS_PREFIX,
    // Without keys only this machine may call, unless an address is asked for.
    host: env.HOST ?? (env.AUTH_ENABLED ? '0.0.0.0' : '127.0.0.1'),
    port: env.PORT,
    ...(env.HEALTH_PORT === undefined ? {} : { healthPort: env.HEALTH_PORT }),
    auth: {
      enabled: env.AUTH_ENABLED,
      apiKeys: env.API_KEYS,
      adminKeys: env.ADMIN_API_KEYS,
      ...(env.JWT_SECRET === undefined ? {} : { jwtSecret: env.JWT_SECRET }),
    },
    corsOrigins: origins.includes(EVERY_ORIGIN) ? '*' : origins,
    ...(limited ? { limits } : {}),
    ...(env.MAX_SWARMS === undefined ? {} : { maxSwarms: env.MAX_SWARMS }),
    websocket: { enabled: env.WS_ENABLED, heartbeatMs: env.WS_HEARTBEAT },
    taskDefaults: taskDefaults(env),
  };
}
