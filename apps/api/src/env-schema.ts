import { commonEnv, envField, taskDefaultsEnv } from '@claude-flow/core/runtime/config';
import { z } from 'zod';
import { EVERY_ORIGIN, isLoopback, isOrigin } from './origins.ts';

/** A shorter secret can be guessed. */
const MIN_JWT_SECRET_BYTES = 32;
/** In production a shorter key of the environment is refused. */
const MIN_PRODUCTION_KEY_LENGTH = 16;
const MAX_WINDOW_MS = 24 * 3_600_000;

const fields = {
  ...commonEnv,
  PORT: envField.port('PORT').default(3000),
  HOST: z.string().optional(),
  AUTH_ENABLED: envField.boolean('AUTH_ENABLED').default(false),
  ALLOW_UNAUTHENTICATED: envField.boolean('ALLOW_UNAUTHENTICATED').default(false),
  API_KEYS: envField.list().default([]),
  ADMIN_API_KEYS: envField.list().default([]),
  JWT_SECRET: z
    .string()
    .refine(
      (secret) => Buffer.byteLength(secret) >= MIN_JWT_SECRET_BYTES,
      `JWT_SECRET must be at least ${MIN_JWT_SECRET_BYTES} bytes long.`,
    )
    .optional(),
  CORS_ORIGINS: envField
    .list()
    .refine(
      (origins) => origins.every((origin) => origin === EVERY_ORIGIN || isOrigin(origin)),
      'CORS_ORIGINS takes origins like https://example.com, separated by commas, or *.',
    )
    .optional(),
  RATE_LIMIT_MAX: envField.integer('RATE_LIMIT_MAX', 1, 1_000_000).optional(),
  RATE_LIMIT_WINDOW: envField.integer('RATE_LIMIT_WINDOW', 1_000, MAX_WINDOW_MS).default(900_000),
  MAX_SWARMS: envField.integer('MAX_SWARMS', 1, 100_000).optional(),
  ...taskDefaultsEnv,
  WS_ENABLED: envField.boolean('WS_ENABLED').default(true),
  WS_HEARTBEAT: envField.integer('WS_HEARTBEAT', 50, 3_600_000).default(30_000),
};
type Env = z.infer<z.ZodObject<typeof fields>>;
/** As far as it could be read: the rules across variables are checked beside the faults of single ones. */
type ReadSoFar = { [Name in keyof Env]?: Env[Name] | undefined };
type Fault = (name: keyof Env, message: string) => void;

function checkSomeKey(env: ReadSoFar, fault: Fault): void {
  const keys = (env.API_KEYS ?? []).length + (env.ADMIN_API_KEYS ?? []).length;
  if (env.AUTH_ENABLED !== true || keys > 0 || env.JWT_SECRET !== undefined) return;
  fault(
    'AUTH_ENABLED',
    'AUTH_ENABLED is true, yet no key could ever be accepted. Set API_KEYS, ADMIN_API_KEYS or JWT_SECRET.',
  );
}

function checkProduction(env: ReadSoFar, fault: Fault): void {
  if (env.NODE_ENV !== 'production') return;
  const open = env.AUTH_ENABLED === false && env.HOST !== undefined && !isLoopback(env.HOST);
  if (open && env.ALLOW_UNAUTHENTICATED !== true) {
    fault(
      'AUTH_ENABLED',
      `In production, everybody who reaches ${env.HOST} could use this API. Set AUTH_ENABLED=true and API_KEYS, or ` +
        'HOST=127.0.0.1, or ALLOW_UNAUTHENTICATED=true when something else keeps strangers out.',
    );
  }
  if (env.AUTH_ENABLED !== true) return;
  for (const name of ['API_KEYS', 'ADMIN_API_KEYS'] as const) {
    if (env[name]?.some((key) => key.length < MIN_PRODUCTION_KEY_LENGTH)) {
      fault(
        name,
        `In production each key of ${name} needs at least ${MIN_PRODUCTION_KEY_LENGTH} characters.`,
      );
    }
  }
  if (env.CORS_ORIGINS?.includes(EVERY_ORIGIN)) {
    fault('CORS_ORIGINS', 'In production CORS_ORIGINS must name the origins: "*" lets every web page in.');
  }
}

export const apiEnvSchema = z.object(fields).superRefine(
  (env, context) => {
    const fault: Fault = (name, message) => context.addIssue({ code: 'custom', path: [name], message });
    checkSomeKey(env, fault);
    checkProduction(env, fault);
  },
  { when: () => true },
);
