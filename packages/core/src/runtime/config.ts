import { z } from 'zod';
import { ClaudeFlowError, type ErrorDetail } from '../domain/errors.ts';
import type { TaskDefaults } from '../domain/plan-to-tasks.ts';
import { booleanField, nodeEnvField, wordField } from './config-values.ts';
import { networkFaults } from './network-env.ts';
import { redisTlsEnv } from './redis-tls.ts';
import { readRedisUrl } from './redis-url.ts';

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
  const issues = parsed.error?.issues ?? [];
  const own = issues.map(({ path, message }): ErrorDetail => {
    const field = path.join('.') || '(environment)';
    return { field, message: isQuoted(given[field]) ? `${message} ${REMOVE_QUOTES}` : message };
  });
  const details = [...own, ...networkFaults(given).map(([field, message]) => ({ field, message }))];
  if (parsed.success && details.length === 0) return parsed.data;
  const lines = details.map((detail) => `  ${detail.field}: ${detail.message}`);
  throw new ClaudeFlowError('config_invalid', `The environment is not usable:\n${lines.join('\n')}`, {
    details,
  });
}

const REMOVE_QUOTES = 'Its value has quotes around it: remove them.';

/** Some readers of `.env` files keep the quotes, which then are part of the value. */
export function isQuoted(value: string | undefined): boolean {
  return /^\s*(["'])[\s\S]*\1\s*$/.test(value ?? '') && (value ?? '').trim().length > 1;
}

const integer = (name: string, min: number, max: number) =>
  z
    .string()
    .trim()
    .regex(/^-?[0-9]+$/, `${name} must be a whole number.`)
    .transform(Number)
    .pipe(
      z.number().min(min, `${name} must be at least ${min}.`).max(max, `${name} must be at most ${max}.`),
    );

/** Building blocks of the processes' schemas; each names its variable in its message. */
export const envField = {
  integer,
  /** 0 means any free port. */
  port: (name: string) => integer(name, 0, 65_535),
  boolean: booleanField,
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
    z.string().superRefine((text, context) => {
      const reading = readRedisUrl(text);
      if ('fault' in reading) context.addIssue({ code: 'custom', message: `${name} ${reading.fault}` });
    }),
};

/** What every process takes. */
export const commonEnv = {
  NODE_ENV: nodeEnvField.default('development'),
  LOG_LEVEL: wordField(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    () => 'LOG_LEVEL must be one of trace, debug, info, warn, error.',
  ).optional(),
  CLAUDE_FLOW_LOG_LEVEL: wordField(
    ['debug', 'info', 'warn', 'error'],
    () => 'CLAUDE_FLOW_LOG_LEVEL must be one of debug, info, warn, error.',
  ).optional(),
  ...redisTlsEnv,
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

/** Which header carries the model server's key. */
const AUTH_HEADERS = ['bearer', 'x-api-key'] as const;
export type AuthHeader = (typeof AUTH_HEADERS)[number];

/** What processes that call a model take (scheduler, worker). */
export const modelEnv = {
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_AUTH_TOKEN: z.string().optional(),
  ANTHROPIC_AUTH_HEADER: wordField(
    AUTH_HEADERS,
    () => `ANTHROPIC_AUTH_HEADER must be one of ${AUTH_HEADERS.join(', ')}.`,
  ).optional(),
  ANTHROPIC_BASE_URL: envField.url('ANTHROPIC_BASE_URL', ['http:', 'https:']).default(DEFAULT_BASE_URL),
  CLAUDE_FLOW_MODEL: z.string().optional(),
};

/** Refuses the provider's own address without a key, and two logins at once; a local model server needs none. */
export function requireModelKey(
  env: {
    ANTHROPIC_API_KEY?: string | undefined;
    ANTHROPIC_AUTH_TOKEN?: string | undefined;
    ANTHROPIC_AUTH_HEADER?: AuthHeader | undefined;
    ANTHROPIC_BASE_URL: string;
  },
  issues: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void {
  const { ANTHROPIC_API_KEY: key, ANTHROPIC_AUTH_TOKEN: token, ANTHROPIC_BASE_URL: baseUrl } = env;
  if (key !== undefined && token !== undefined) {
    issues.addIssue({
      code: 'custom',
      path: ['ANTHROPIC_AUTH_TOKEN'],
      message:
        'ANTHROPIC_AUTH_TOKEN and ANTHROPIC_API_KEY are both set. Set one of them; ANTHROPIC_AUTH_HEADER chooses how it is sent.',
    });
  }
  if (token !== undefined && env.ANTHROPIC_AUTH_HEADER === 'x-api-key') {
    issues.addIssue({
      code: 'custom',
      path: ['ANTHROPIC_AUTH_HEADER'],
      message:
        'ANTHROPIC_AUTH_HEADER is x-api-key, and ANTHROPIC_AUTH_TOKEN is a bearer token. Put a key for x-api-key into ANTHROPIC_API_KEY.',
    });
  }
  if (key === undefined && token === undefined && baseUrl === DEFAULT_BASE_URL) {
    issues.addIssue({
      code: 'custom',
      path: ['ANTHROPIC_API_KEY'],
      message:
        'ANTHROPIC_API_KEY is required. Set it (or ANTHROPIC_AUTH_TOKEN, for a bearer token), or set ANTHROPIC_BASE_URL to a model server of your own (the offline one: pnpm start:mock-anthropic).',
    });
  }
}
