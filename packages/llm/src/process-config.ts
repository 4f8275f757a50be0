import { commonEnv, fleetEnv, modelEnv } from '@claude-flow/core/runtime/config';
import { logLevel } from '@claude-flow/core/runtime/logger';
import { z } from 'zod';
import { type ModelChoice, modelChoiceEnv } from './models.ts';

/** What a process that calls models takes; to be spread into its schema, with `requireModelKey`. */
export const modelProcessEnv = {
  ...commonEnv,
  ...modelEnv,
  ...modelChoiceEnv,
  ...fleetEnv,
  HOST: z.string().default('0.0.0.0'),
};

/** The part of a process's configuration that schedulers and workers share. */
export interface ModelProcessConfig {
  logLevel: string;
  redisUrl: string;
  redisPrefix: string;
  /** Address of the health server. */
  host: string;
  healthPort?: number;
  /** `timeoutMs`: until an answer begins; not of the environment. */
  anthropic: { apiKey?: string; baseUrl: string; timeoutMs?: number };
  models: ModelChoice;
  /** The most agents at work at once in the whole fleet; undefined: as many as the workers take. */
  fleetCap?: number;
}

export function modelProcessConfig(env: z.infer<z.ZodObject<typeof modelProcessEnv>>): ModelProcessConfig {
  return {
    logLevel: logLevel(env),
    redisUrl: env.REDIS_URL,
    redisPrefix: env.REDIS_PREFIX,
    host: env.HOST,
    ...(env.HEALTH_PORT === undefined ? {} : { healthPort: env.HEALTH_PORT }),
    anthropic: {
      baseUrl: env.ANTHROPIC_BASE_URL,
      ...(env.ANTHROPIC_API_KEY === undefined ? {} : { apiKey: env.ANTHROPIC_API_KEY }),
    },
    models: env,
    ...(env.CLAUDE_FLOW_MAX_AGENTS === undefined ? {} : { fleetCap: env.CLAUDE_FLOW_MAX_AGENTS }),
  };
}
