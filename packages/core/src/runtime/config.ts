import { z } from 'zod';
import { ClaudeFlowError, type ErrorDetail } from '../domain/errors.ts';
import type { TaskDefaults } from '../domain/plan-to-tasks.ts';

/**
 * Reads a process's configuration from the environment. Empty strings count as unset. All faults are reported at once.
 * @throws ClaudeFlowError `config_invalid` with one detail per variable
 */
export function loadConfig<Schema extends z.ZodType>(
  schema: Schema,
  env: Record<string, string | undefined>,
): z.infer<Schema> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const details: ErrorDetail[] = parsed.error.issues.map((issue) => ({
    field: issue.path.join('.') || '(environment)',
    message: issue.message,
  }));
  const lines = details.map((detail) => `  ${detail.field}: ${detail.message}`);
  throw new ClaudeFlowError('config_invalid', `The environment is not usable:\n${lines.join('\n')}`, {
    details,
  });
}

const integer = (name: string, min: number, max: number) =>
  z
    .string()
    .regex(/^-?[0-9]+$/, `${name} must be a whole number.`)
    .transform(Number)
    .pipe(
      z.number().min(min, `${name} must be at least ${min}.`).max(max, `${name} must be at most ${max}.`),
    );

/** IPv6 addresses need brackets, and are not taken: name the hosts. */
const CLUSTER_URL =
  /^rediss?\+cluster:\/\/([^@/?#]*@)?[^@/?#,:]+(:[0-9]{1,5})?(,[^@/?#,:]+(:[0-9]{1,5})?)*\/?$/;

/** Building blocks of the processes' schemas; each names its variable in its message. */
export const envField = {
  integer,
  /** 0 means any free port. */
  port: (name: string) => integer(name, 0, 65_535),
  boolean: (name: string) =>
    z
      .enum(['true', 'false', '1', '0'], `${name} must be true or false.`)
      .transform((v) => v === 'true' || v === '1'),
  list: () =>
    z.string().transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
  url: (name: string, protocols: string[]) =>
    z
      .string()
      .refine(
        (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
        `${name} must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}.`,
      ),
  redisUrl: (name: string) =>
    z
      .string()
      .refine(
        (text) => CLUSTER_URL.test(text) || (URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol)),
        `${name} must be a URL that starts with redis:// or rediss://, or redis+cluster://host:port,host:port for a Redis Cluster.`,
      ),
};

/** What every process takes. */
export const commonEnv = {
  NODE_ENV: z.string().default('development'),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'LOG_LEVEL must be one of trace, debug, info, warn, error.',
    )
    .optional(),
  CLAUDE_FLOW_LOG_LEVEL: z
    .enum(
      ['debug', 'info', 'warn', 'error'],
      'CLAUDE_FLOW_LOG_LEVEL must be one of debug, info, warn, error.',
    )
    .optional(),
  REDIS_URL: envField.redisUrl('REDIS_URL').default('redis://127.0.0.1:6379'),
  REDIS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'REDIS_PREFIX takes 1 to 40 letters, digits, "-" and "_".')
    .default('cf'),
  HEALTH_PORT: envField.port('HEALTH_PORT').optional(),
};

/** The most agents at work at once in the whole fleet (scheduler, worker). */
export const fleetEnv = {
  CLAUDE_FLOW_MAX_AGENTS: integer('CLAUDE_FLOW_MAX_AGENTS', 1, 100_000).optional(),
};

/** Where events may be sent (scheduler, API). */
export const webhookEnv = {
  WEBHOOK_ALLOW_PRIVATE: envField.boolean('WEBHOOK_ALLOW_PRIVATE').default(false),
};

/** How long a task may take and how often it is tried, unless its graph says otherwise (scheduler, API). */
export const taskDefaultsEnv = {
  CLAUDE_FLOW_TIMEOUT: integer('CLAUDE_FLOW_TIMEOUT', 1_000, 24 * 3_600_000).default(300_000),
  TASK_TIMEOUT_MINUTES: integer('TASK_TIMEOUT_MINUTES', 1, 24 * 60).default(10),
  MAX_RETRIES: integer('MAX_RETRIES', 0, 10).default(3),
};

export function taskDefaults(env: z.infer<z.ZodObject<typeof taskDefaultsEnv>>): TaskDefaults {
  return {
    // Two names for one limit, in milliseconds and in minutes: the stricter one holds.
    timeoutMs: Math.min(env.CLAUDE_FLOW_TIMEOUT, env.TASK_TIMEOUT_MINUTES * 60_000),
    maxRetries: env.MAX_RETRIES,
  };
}

const DEFAULT_BASE_URL = 'https://api.anthropic.com';

/** What processes that call a model take (scheduler, worker). */
export const modelEnv = {
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_BASE_URL: envField.url('ANTHROPIC_BASE_URL', ['http:', 'https:']).default(DEFAULT_BASE_URL),
  CLAUDE_FLOW_MODEL: z.string().optional(),
};

/** Refuses the provider's own address without a key; a local model server needs none. */
export function requireModelKey(
  env: { ANTHROPIC_API_KEY?: string | undefined; ANTHROPIC_BASE_URL: string },
  issues: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void {
  if (env.ANTHROPIC_API_KEY === undefined && env.ANTHROPIC_BASE_URL === DEFAULT_BASE_URL) {
    issues.addIssue({
      code: 'custom',
      path: ['ANTHROPIC_API_KEY'],
      message:
        'ANTHROPIC_API_KEY is required. Set it, or set ANTHROPIC_BASE_URL to a model server of your own (the offline one: pnpm start:mock-anthropic).',
    });
  }
}
