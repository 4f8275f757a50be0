import type { TaskDefaults } from '@claude-flow/core/domain/plan-to-tasks';
import {
  envField,
  loadConfig,
  requireModelKey,
  taskDefaults,
  taskDefaultsEnv,
  webhookEnv,
} from '@claude-flow/core/runtime/config';
import {
  type ModelProcessConfig,
  modelProcessConfig,
  modelProcessEnv,
} from '@claude-flow/llm/process-config';
import { z } from 'zod';

export const schedulerEnvFields = {
  ...modelProcessEnv,
  ...taskDefaultsEnv,
  ...webhookEnv,
  MAX_CONCURRENT_PLANS: envField.integer('MAX_CONCURRENT_PLANS', 1, 1_000).default(10),
};

const envSchema = z
  .object(schedulerEnvFields)
  // Also when a single variable is at fault: all faults are told at once.
  .superRefine((env, issues) => requireModelKey(env, issues), { when: () => true });

/** What a scheduler takes from its environment, checked. */
export interface SchedulerConfig extends ModelProcessConfig {
  /** Plans made at the same time. */
  maxConcurrentPlans: number;
  taskDefaults: TaskDefaults;
  /** Webhooks may lead to addresses that are not of the public internet. */
  webhookAllowPrivate: boolean;
}

/**
 * Reads the environment.
 * @throws ClaudeFlowError `config_invalid` with all faults at once
 */
export function loadSchedulerConfig(variables: Record<string, string | undefined>): SchedulerConfig {
  const env = loadConfig(envSchema, variables);
  return {
    ...modelProcessConfig(env),
    maxConcurrentPlans: env.MAX_CONCURRENT_PLANS,
    taskDefaults: taskDefaults(env),
    webhookAllowPrivate: env.WEBHOOK_ALLOW_PRIVATE,
  };
}
