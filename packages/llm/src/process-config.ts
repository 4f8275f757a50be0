import { type AuthHeader, commonEnv, fleetEnv, modelEnv } from '@claude-flow/core/runtime/config';
import { logLevel } from '@claude-flow/core/runtime/logger';
import { type ProxySettings, proxyEnv, proxySettings } from '@claude-flow/core/runtime/network-env';
import { type RedisTlsFiles, redisTlsOf } from '@claude-flow/core/runtime/redis-tls';
import { z } from 'zod';
import { type ModelChoice, modelChoiceEnv } from './models.ts';
import { type RequestLimits, requestEnv, requestLimits } from './request-env.ts';

/** What a process that calls models takes; to be spread into its schema, with `requireModelKey`. */
export const modelProcessEnv = {
  ...commonEnv,
  ...modelEnv,
  ...modelChoiceEnv,
  ...fleetEnv,
  ...proxyEnv,
  ...requestEnv,
  HOST: z.string().default('0.0.0.0'),
};

/** The part of a process's configuration that schedulers and workers share. */
export interface ModelProcessConfig {
  logLevel: string;
  redisUrl: string;
  redisTls?: RedisTlsFiles;
  redisPrefix: string;
  /** Address of the health server. */
  host: string;
  healthPort?: number;
  anthropic: Partial<RequestLimits> & {
    apiKey?: string;
    authHeader?: AuthHeader;
    baseUrl: string;
    proxy?: ProxySettings;
  };
  models: ModelChoice;
  /** The most agents at work at once in the whole fleet; undefined: as many as the workers take. */
  fleetCap?: number;
}

export function modelProcessConfig(env: z.infer<z.ZodObject<typeof modelProcessEnv>>): ModelProcessConfig {
  const apiKey = env.ANTHROPIC_API_KEY ?? env.ANTHROPIC_AUTH_TOKEN;
  const proxy = proxySettings(env);
  const redisTls = redisTlsOf(env);
  return {
    logLevel: logLevel(env),
    redisUrl: env.REDIS_URL,
    ...(redisTls === undefined ? {} : { redisTls }),
    redisPrefix: env.REDIS_PREFIX,
    host: env.HOST,
    ...(env.HEALTH_PORT === undefined ? {} : { healthPort: env.HEALTH_PORT }),
    anthropic: {
      baseUrl: env.ANTHROPIC_BASE_URL,
      ...requestLimits(env),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(env.ANTHROPIC_AUTH_HEADER === undefined ? {} : { authHeader: env.ANTHROPIC_AUTH_HEADER }),
      ...(proxy === undefined ? {} : { proxy }),
    },
    models: env,
    ...(env.CLAUDE_FLOW_MAX_AGENTS === undefined ? {} : { fleetCap: env.CLAUDE_FLOW_MAX_AGENTS }),
  };
}
