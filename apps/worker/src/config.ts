import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { envField, loadConfig, requireModelKey } from '@claude-flow/core/runtime/config';
import {
  type ModelProcessConfig,
  modelProcessConfig,
  modelProcessEnv,
} from '@claude-flow/llm/process-config';
import { type ThinkingMode, thinkingEnv } from '@claude-flow/llm/thinking';
import { z } from 'zod';
import { defaultWorkspaceRoot } from './workspace/leftovers.ts';

export const workerEnvFields = {
  ...modelProcessEnv,
  ...thinkingEnv,
  MAX_CONCURRENT_TASKS: envField.integer('MAX_CONCURRENT_TASKS', 1, 1_000).default(10),
  WORKER_ID: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'WORKER_ID takes 1 to 100 letters, digits, ".", "-" and "_".')
    .optional(),
  WORKSPACE_ROOT: z.string().regex(/^\//, 'WORKSPACE_ROOT must be an absolute path.').optional(),
};

const envSchema = z
  .object(workerEnvFields)
  // Also when a variable is wrong: all faults are told at once.
  .superRefine((env, issues) => requireModelKey(env, issues), { when: () => true });

/** What a worker takes from its environment, checked. */
export interface WorkerConfig extends ModelProcessConfig {
  thinking: ThinkingMode;
  /** Output tokens of one turn at most. */
  maxOutputTokens: number;
  /** When the field of this name is sent with a request. */
  cacheControl: 'auto' | 'on' | 'off';
  /** Tasks at the same time. */
  maxConcurrentTasks: number;
  workerId: string;
  workspaceRoot: string;
  /** The whole fleet is capped: one delivery is one agent at work, so no task may be begun beside it. */
  fleetCapped: boolean;
}

/**
 * Reads the environment.
 * @throws ClaudeFlowError `config_invalid` with all faults at once
 */
export function loadWorkerConfig(variables: Record<string, string | undefined>): WorkerConfig {
  const env = loadConfig(envSchema, variables);
  return {
    ...modelProcessConfig(env),
    thinking: env.CLAUDE_FLOW_THINKING,
    maxOutputTokens: env.CLAUDE_FLOW_MAX_OUTPUT_TOKENS,
    cacheControl: env.CLAUDE_FLOW_CACHE_CONTROL,
    maxConcurrentTasks: env.MAX_CONCURRENT_TASKS,
    workerId: env.WORKER_ID ?? newWorkerId(),
    workspaceRoot: env.WORKSPACE_ROOT ?? defaultWorkspaceRoot(),
    fleetCapped: env.CLAUDE_FLOW_MAX_AGENTS !== undefined,
  };
}

function newWorkerId(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 60);
  return `${host}-${process.pid}-${randomBytes(3).toString('hex')}`;
}
