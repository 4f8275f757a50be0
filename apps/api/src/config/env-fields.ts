import { commonEnv, envField, taskDefaultsEnv, webhookEnv } from '@claude-flow/core/runtime/config';
import { proxyEnv } from '@claude-flow/core/runtime/network-env';
import { z } from 'zod';
import { readSpendingLimit } from '../limits/spending.ts';
import { EVERY_ORIGIN, isOrigin } from './origins.ts';

/** A shorter secret can be guessed. */
const MIN_JWT_SECRET_BYTES = 32;
const MAX_WINDOW_MS = 24 * 3_600_000;
/** Longer than any balancer needs to notice. */
const MAX_SHUTDOWN_DELAY_MS = 600_000;
/** More proxies in a row than anybody has. */
const MAX_PROXY_HOPS = 10;

const HOST_NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i;

const text = () => z.string().optional();
const requests = (name: string) => envField.integer(name, 1, 1_000_000);
const wait = (name: string, min = 1_000) => envField.integer(name, min, 3_600_000);

const spendingLimit = (name: string) =>
  z.string().transform((given, context) => {
    const limit = readSpendingLimit(given);
    if (limit !== undefined) return limit;
    const message = `${name} takes an amount in US dollars like 5, or maxCostUsd=5,maxTokens=2000000 (one of the two, or both).`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** Who may come in. */
const identityFields = {
  AUTH_ENABLED: envField.boolean('AUTH_ENABLED').default(false),
  ALLOW_UNAUTHENTICATED: envField.boolean('ALLOW_UNAUTHENTICATED').default(false),
  API_KEYS: envField.list().default([]),
  FRONTEND_API_KEY: text(),
  ADMIN_API_KEYS: envField.list().default([]),
  ADMIN_API_KEY: text(),
  JWT_SECRET: z
    .string()
    .refine(
      (secret) => Buffer.byteLength(secret) >= MIN_JWT_SECRET_BYTES,
      `JWT_SECRET must be at least ${MIN_JWT_SECRET_BYTES} bytes long.`,
    )
    .optional(),
  JWT_JWKS_URL: envField.url('JWT_JWKS_URL', ['https:', 'http:']).optional(),
  JWT_ISSUER: text(),
  JWT_AUDIENCE: text(),
  JWT_PERMISSIONS_CLAIM: z
    .string()
    .regex(
      /^\S{1,200}$/,
      'JWT_PERMISSIONS_CLAIM is the name of one claim: at most 200 characters, no spaces.',
    )
    .optional(),
  KEY_MAX_DAYS: envField.integer('KEY_MAX_DAYS', 1, 3_660).optional(),
  ALLOWED_HOSTS: envField
    .list()
    .refine(
      (names) => names.every((name) => HOST_NAME.test(name)),
      'ALLOWED_HOSTS takes host names like api.example.com, without scheme and port, separated by commas.',
    )
    .default([]),
  CORS_ORIGINS: envField
    .list()
    .refine(
      (origins) => origins.every((origin) => origin === EVERY_ORIGIN || isOrigin(origin)),
      'CORS_ORIGINS takes origins like https://example.com, separated by commas, or *.',
    )
    .optional(),
};

/** Bytes: more than any Redis holds. */
const MAX_STORAGE = 1_000_000_000_000_000;

/** How much one caller, one address and all of them may ask for. */
const limitFields = {
  RATE_LIMIT_MAX: requests('RATE_LIMIT_MAX').optional(),
  RATE_LIMIT_CREATIONS: requests('RATE_LIMIT_CREATIONS').optional(),
  RATE_LIMIT_READS: requests('RATE_LIMIT_READS').default(3_000),
  RATE_LIMIT_FAILED_AUTH: requests('RATE_LIMIT_FAILED_AUTH').default(100),
  MODELS_ALLOWED: envField.list().optional(),
  BUDGET_DEFAULT: spendingLimit('BUDGET_DEFAULT').optional(),
  BUDGET_MAX: spendingLimit('BUDGET_MAX').optional(),
  MAX_SWARMS: envField.integer('MAX_SWARMS', 1, 100_000).optional(),
  MAX_SWARMS_PER_OWNER: envField.integer('MAX_SWARMS_PER_OWNER', 1, 100_000).optional(),
  STORAGE_PER_SWARM: envField.integer('STORAGE_PER_SWARM', 0, MAX_STORAGE).default(268_435_456),
  STORAGE_PER_OWNER: envField.integer('STORAGE_PER_OWNER', 0, MAX_STORAGE).default(4_294_967_296),
  RATE_LIMIT_WINDOW: envField.integer('RATE_LIMIT_WINDOW', 1_000, MAX_WINDOW_MS).default(900_000),
  TRUSTED_PROXY_HOPS: envField.integer('TRUSTED_PROXY_HOPS', 0, MAX_PROXY_HOPS).default(0),
  MAX_CONNECTIONS: requests('MAX_CONNECTIONS').default(10_000),
  MAX_CONNECTIONS_PER_ADDRESS: requests('MAX_CONNECTIONS_PER_ADDRESS').default(2_000),
  // An answer may be some ten megabytes: fewer would refuse a caller for reading one result.
  MAX_UNREAD_BYTES: envField.integer('MAX_UNREAD_BYTES', 65_536, 17_179_869_184).default(67_108_864),
  READ_PACE: envField.integer('READ_PACE', 1, 1_000_000).default(1_024),
  READ_GRACE: envField.integer('READ_GRACE', 500, 600_000).default(30_000),
  MAX_STREAMS_PER_CALLER: requests('MAX_STREAMS_PER_CALLER').default(1_000),
};

/** How it is served. */
const serverFields = {
  PORT: envField.port('PORT').default(3000),
  HOST: text(),
  TLS_CERT_FILE: text(),
  TLS_KEY_FILE: text(),
  HEADERS_TIMEOUT: wait('HEADERS_TIMEOUT', 100).default(10_000),
  REQUEST_TIMEOUT: wait('REQUEST_TIMEOUT', 100).default(30_000),
  // Longer than the minute after which most load balancers drop an idle connection: they must be first.
  KEEP_ALIVE_TIMEOUT: wait('KEEP_ALIVE_TIMEOUT').default(65_000),
  SHUTDOWN_DELAY: envField.integer('SHUTDOWN_DELAY', 0, MAX_SHUTDOWN_DELAY_MS).optional(),
  ENABLE_METRICS: envField.boolean('ENABLE_METRICS').default(true),
  RESOURCE_MONITORING: envField.boolean('RESOURCE_MONITORING').default(true),
  SHOW_TURNS: envField.boolean('SHOW_TURNS').default(true),
  ACCESS_LOG: text(),
  WS_ENABLED: envField.boolean('WS_ENABLED').default(true),
  WS_HEARTBEAT: envField.integer('WS_HEARTBEAT', 50, 3_600_000).default(30_000),
};

export const apiEnvFields = {
  ...commonEnv,
  ...identityFields,
  ...limitFields,
  ...serverFields,
  ...taskDefaultsEnv,
  ...webhookEnv,
  ...proxyEnv,
};
export type Env = z.infer<z.ZodObject<typeof apiEnvFields>>;
