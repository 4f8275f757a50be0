import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { commonEnv, envField, loadConfig, modelEnv, requireModelKey } from '@claude-flow/core/runtime/config';
import { type ModelChoice, modelChoiceEnv } from '@claude-flow/llm/models';
import { type ThinkingMode, thinkingEnv } from '@claude-flow/llm/thinking';
import { z } from 'zod';
import { defaultWorkspaceRoot } from './workspace/leftovers.ts';

const envSchema = z
  .object({
    ...commonEnv,
    ...modelEnv,
    ...modelChoiceEnv,
    ...thinkingEnv,
    HOST: z.string().default('0.0.0.0'),
    MAX_CONCURRENT_TASKS: envField.integer('MAX_CONCURRENT_TASKS', 1, 1_000).default(10),
    WORKER_ID: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,100}$/, 'WORKER_ID takes 1 to 100 letters, digits, ".", "-" and "_".')
      .optional(),
    WORKSPACE_ROOT: z.string().regex(/^\//, 'WORKSPACE_ROOT must be an absolute path.').optional(),
  })
  // Also when a variable is wrong: all faults are told at once.
  .superRefine((env, issues) => requireModelKey(env, issues), { when: () => true });

/** What a worker takes from its environment, checked. */
export interface WorkerConfig {
  logLevel: string;
  redisUrl: string;
  redisPrefix: string;
  /** Address of the health server. */
  host: string;
  healthPort?: number;
  anthropic: { apiKey?: string; baseUrl: string };
  models: ModelChoice;
  thinking: ThinkingMode;
  /** Tasks at the same time. */
  maxConcurrentTasks: number;
  /** Agents at work in the whole fleet; undefined: as many as its workers take. */
  maxAgents?: number;
  workerId: string;
  workspaceRoot: string;
}

/**
 * Reads the environment.
 * @throws ClaudeFlowError `config_invalid` with all faults at once
 */
export function loadWorkerConfig(variables: Record<string, string | undefined>): WorkerConfig {
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
    thinking: env.CLAUDE_FLOW_THINKING,
    maxConcurrentTasks: env.MAX_CONCURRENT_TASKS,
    ...(env.CLAUDE_FLOW_MAX_AGENTS === undefined ? {} : { maxAgents: env.CLAUDE_FLOW_MAX_AGENTS }),
    workerId: env.WORKER_ID ?? newWorkerId(),
    workspaceRoot: env.WORKSPACE_ROOT ?? defaultWorkspaceRoot(),
  };
}

function newWorkerId(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 60);
  return `${host}-${process.pid}-${randomBytes(3).toString('hex')}`;
}
