import type { TaskDefaults } from '@claude-flow/core/domain/plan-to-tasks';
import { commonEnv, envField, loadConfig, modelEnv, requireModelKey } from '@claude-flow/core/runtime/config';
import { type ModelChoice, modelChoiceEnv } from '@claude-flow/llm/models';
import { z } from 'zod';

const envSchema = z
  .object({
    ...commonEnv,
    ...modelEnv,
    ...modelChoiceEnv,
    HOST: z.string().default('0.0.0.0'),
    MAX_CONCURRENT_PLANS: envField.integer('MAX_CONCURRENT_PLANS', 1, 1_000).default(10),
    CLAUDE_FLOW_TIMEOUT: envField.integer('CLAUDE_FLOW_TIMEOUT', 1_000, 24 * 3_600_000).default(300_000),
    TASK_TIMEOUT_MINUTES: envField.integer('TASK_TIMEOUT_MINUTES', 1, 24 * 60).default(10),
    MAX_RETRIES: envField.integer('MAX_RETRIES', 0, 10).default(3),
  })
  // Also when a single variable is at fault: all faults are told at once.
  .superRefine((env, issues) => requireModelKey(env, issues), { when: () => true });

/** What a scheduler takes from its environment, checked. */
export interface SchedulerConfig {
  logLevel: string;
  redisUrl: string;
  redisPrefix: string;
  /** Address of the health server. */
  host: string;
  healthPort?: number;
  anthropic: { apiKey?: string; baseUrl: string };
  models: ModelChoice;
  /** Plans made at the same time. */
  maxConcurrentPlans: number;
  /** Agents at work in the whole fleet; undefined: as many as its workers take. */
  maxAgents?: number;
  taskDefaults: TaskDefaults;
}

/**
 * Reads the environment.
 * @throws ClaudeFlowError `config_invalid` with all faults at once
 */
export function loadSchedulerConfig(variables: Record<string, string | undefined>): SchedulerConfig {
  const env = loadConfig(envSchema, variables);
  return {
    logLevel: env.LOG_LEVEL ?? env.CLAUDE_FLOW_LOG_LEVEL ?? 'info',
    redisUrl: env.REDIS_URL,
    redisPrefix: env.REDIS_PREFIX,
    host: env.HOST,
    ...(env.HEALTH_PORT === undefined ? {} : { healthPort: env.HEALTH_PORT }),
    anthropic: {
      baseUrl: env.ANTHROPIC_BASE_URL,
      ...(env.ANTHROPIC_API_KEY === undefined ? {} : { apiKey: env.ANTHROPIC_API_KEY }),
    },
    models: env,
    maxConcurrentPlans: env.MAX_CONCURRENT_PLANS,
    ...(env.CLAUDE_FLOW_MAX_AGENTS === undefined ? {} : { maxAgents: env.CLAUDE_FLOW_MAX_AGENTS }),
    taskDefaults: {
      // Two names for one limit, in milliseconds and in minutes: the stricter one holds.
      timeoutMs: Math.min(env.CLAUDE_FLOW_TIMEOUT, env.TASK_TIMEOUT_MINUTES * 60_000),
      maxRetries: env.MAX_RETRIES,
    },
  };
}
