import type { TaskDefaults } from '@claude-flow/core/domain/plan-to-tasks';
import { loadConfig, taskDefaults } from '@claude-flow/core/runtime/config';
import { logLevel } from '@claude-flow/core/runtime/logger';
import { type ProxySettings, proxySettings } from '@claude-flow/core/runtime/network-env';
import { type RedisTlsFiles, redisTlsOf } from '@claude-flow/core/runtime/redis-tls';
import type { Spending } from '../limits/spending.ts';
import type { Env } from './env-fields.ts';
import type { Entry } from './env-rules.ts';
import { apiEnvSchema } from './env-schema.ts';
import { type AllowedOrigins, EVERY_ORIGIN } from './origins.ts';

/** How tokens are checked: one way, fixed here, never chosen by a token. */
export interface TokenConfig {
  /** HS256 with this secret; or the keys found at a URL, with the asymmetric algorithms. */
  by: { secret: string } | { jwksUrl: string; proxy?: ProxySettings };
  issuer?: string;
  audience?: string;
  /** The claim that decides what a token may do; undefined: `permissions`, where it is there. */
  permissionsClaim?: string;
}

/** What the front door takes from its environment, checked. */
export interface ApiConfig {
  environment: string;
  logLevel: string;
  redisUrl: string;
  redisTls?: RedisTlsFiles;
  redisPrefix: string;
  host: string;
  /** 0: any free one. */
  port: number;
  healthPort?: number;
  auth: { enabled: boolean; apiKeys: string[]; adminKeys: string[]; tokens?: TokenConfig };
  /** Whose pages may call. */
  corsOrigins: AllowedOrigins;
  /**
   * Host names that requests may come under without authentication, besides those of this machine; in lower case. `any` for a
   * function: it is at nobody's machine, and a gateway gives it its name.
   */
  allowedHosts: readonly string[] | 'any';
  /** Days that a key made over HTTP lives at most. Undefined: as long as what made it. */
  keyMaxDays?: number;
  /** Requests in one window: of one caller, or failed ones of one address. Undefined: no limits. */
  limits?: { windowMs: number; writes: number; creations: number; reads: number; failedAuth: number };
  /** Swarms that may be started and not yet done, of all callers together. Undefined: any number. */
  maxSwarms?: number;
  /** The same, of one caller. Undefined: as many as there are. */
  maxSwarmsPerOwner?: number;
  /** Bytes that may be stored: by one swarm, and by all swarms of one owner. Undefined: any number. */
  storage: { perSwarm?: number; perOwner?: number };
  /** What one swarm may spend. */
  spending: Spending;
  /** Proxies in front whose `X-Forwarded-For` is believed. */
  proxyHops: number;
  server: ServerConfig;
  /** From the signal to stop until the listener closes: "not ready" is said, and requests are still answered. Milliseconds. */
  shutdownDelayMs: number;
  websocket: { enabled: boolean; heartbeatMs: number };
  /** WebSockets and event streams that one caller may keep open at one process. */
  maxStreamsPerCaller: number;
  measuring: { metrics: boolean; resources: boolean };
  /** What agents said and did may be read by the owners of their swarms. */
  showTurns: boolean;
  /** Where one line in the combined format is written per request; undefined: nowhere. */
  accessLog?: string;
  /** For tasks of callers' own graphs; planned ones get the scheduler's. */
  taskDefaults: TaskDefaults;
  /** Webhooks may lead to addresses that are not of the public internet. */
  webhookAllowPrivate: boolean;
}

/** Of the HTTP server; times in milliseconds. */
export interface ServerConfig {
  tls?: { certFile: string; keyFile: string };
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  keepAliveTimeoutMs: number;
  maxConnections: number;
  /** Bytes of answers that one owner, or one address, may leave unread. */
  maxUnreadBytes: number;
  /** Bytes a second that a reader has to take while some wait for it, over `readGraceMs`. */
  readPace: number;
  readGraceMs: number;
  /** Undefined behind proxies, from which all connections come. */
  maxConnectionsPerAddress?: number;
}

const DEFAULT_WRITES_PER_WINDOW = 100;
/** Balancers that ask once a second, and want two or three refusals, have stopped sending by then. */
const DEFAULT_SHUTDOWN_DELAY_MS = 5_000;

/**
 * Reads the environment.
 * @throws ClaudeFlowError `config_invalid` with all faults at once
 */
export function loadApiConfig(
  variables: Record<string, string | undefined>,
  { entry = 'server' }: { entry?: Entry } = {},
): ApiConfig {
  const env = loadConfig(apiEnvSchema(entry), variables);
  const limits = limitsOf(env);
  const tokens = tokensOf(env);
  const redisTls = redisTlsOf(env);
  return {
    environment: env.NODE_ENV,
    logLevel: logLevel(env),
    redisUrl: env.REDIS_URL,
    ...(redisTls === undefined ? {} : { redisTls }),
    redisPrefix: env.REDIS_PREFIX,
    // Without keys only this machine may call, unless an address is asked for.
    host: env.HOST ?? (env.AUTH_ENABLED ? '0.0.0.0' : '127.0.0.1'),
    port: env.PORT,
    ...(env.HEALTH_PORT === undefined ? {} : { healthPort: env.HEALTH_PORT }),
    auth: {
      enabled: env.AUTH_ENABLED,
      apiKeys: withOne(env.API_KEYS, env.FRONTEND_API_KEY),
      adminKeys: withOne(env.ADMIN_API_KEYS, env.ADMIN_API_KEY),
      ...(tokens === undefined ? {} : { tokens }),
    },
    corsOrigins: originsOf(env),
    allowedHosts: entry === 'function' ? 'any' : env.ALLOWED_HOSTS.map((name) => name.toLowerCase()),
    ...(env.KEY_MAX_DAYS === undefined ? {} : { keyMaxDays: env.KEY_MAX_DAYS }),
    ...(limits === undefined ? {} : { limits }),
    ...(env.MAX_SWARMS === undefined ? {} : { maxSwarms: env.MAX_SWARMS }),
    ...(env.MAX_SWARMS_PER_OWNER === undefined ? {} : { maxSwarmsPerOwner: env.MAX_SWARMS_PER_OWNER }),
    storage: {
      ...(env.STORAGE_PER_SWARM === 0 ? {} : { perSwarm: env.STORAGE_PER_SWARM }),
      ...(env.STORAGE_PER_OWNER === 0 ? {} : { perOwner: env.STORAGE_PER_OWNER }),
    },
    spending: {
      ...(env.MODELS_ALLOWED === undefined ? {} : { modelsAllowed: env.MODELS_ALLOWED }),
      budgetDefault: env.BUDGET_DEFAULT ?? {},
      budgetMax: env.BUDGET_MAX ?? {},
    },
    proxyHops: env.TRUSTED_PROXY_HOPS,
    server: serverOf(env),
    shutdownDelayMs: env.SHUTDOWN_DELAY ?? (isProbed(env) ? DEFAULT_SHUTDOWN_DELAY_MS : 0),
    websocket: { enabled: env.WS_ENABLED, heartbeatMs: env.WS_HEARTBEAT },
    maxStreamsPerCaller: env.MAX_STREAMS_PER_CALLER,
    measuring: { metrics: env.ENABLE_METRICS, resources: env.RESOURCE_MONITORING },
    showTurns: env.SHOW_TURNS,
    ...(env.ACCESS_LOG === undefined ? {} : { accessLog: env.ACCESS_LOG }),
    taskDefaults: taskDefaults(env),
    webhookAllowPrivate: env.WEBHOOK_ALLOW_PRIVATE,
  };
}

/** Somebody asks whether this process is ready before he sends it requests; a free port (0) cannot be known to him beforehand. */
function isProbed(env: Env): boolean {
  return env.NODE_ENV === 'production' || (env.HEALTH_PORT ?? 0) !== 0;
}

function originsOf(env: Env): AllowedOrigins {
  const origins = env.CORS_ORIGINS ?? (env.NODE_ENV === 'production' ? [] : [EVERY_ORIGIN]);
  if (!origins.includes(EVERY_ORIGIN)) return origins;
  // Every page that somebody opens on this machine would be let in.
  return env.AUTH_ENABLED ? '*' : 'loopback';
}

function withOne(keys: string[], key: string | undefined): string[] {
  const one = key?.trim() ?? '';
  return one === '' ? keys : [...keys, one];
}

function limitsOf(env: Env): ApiConfig['limits'] {
  if (!env.AUTH_ENABLED && env.RATE_LIMIT_MAX === undefined) return undefined;
  const writes = env.RATE_LIMIT_MAX ?? DEFAULT_WRITES_PER_WINDOW;
  return {
    windowMs: env.RATE_LIMIT_WINDOW,
    writes,
    creations: env.RATE_LIMIT_CREATIONS ?? writes,
    reads: env.RATE_LIMIT_READS,
    failedAuth: env.RATE_LIMIT_FAILED_AUTH,
  };
}

function tokensOf(env: Env): TokenConfig | undefined {
  const { JWT_SECRET: secret, JWT_JWKS_URL: jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = env;
  const proxy = proxySettings(env);
  const byUrl = jwksUrl && { jwksUrl, ...(proxy === undefined ? {} : { proxy }) };
  const by = byUrl || (secret && { secret });
  if (!by) return undefined;
  const permissionsClaim = env.JWT_PERMISSIONS_CLAIM;
  return {
    by,
    ...(permissionsClaim === undefined ? {} : { permissionsClaim }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
}

function serverOf(env: Env): ServerConfig {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = env;
  const direct = env.TRUSTED_PROXY_HOPS === 0;
  return {
    ...(certFile === undefined || keyFile === undefined ? {} : { tls: { certFile, keyFile } }),
    headersTimeoutMs: env.HEADERS_TIMEOUT,
    requestTimeoutMs: env.REQUEST_TIMEOUT,
    keepAliveTimeoutMs: env.KEEP_ALIVE_TIMEOUT,
    maxConnections: env.MAX_CONNECTIONS,
    maxUnreadBytes: env.MAX_UNREAD_BYTES,
    readPace: env.READ_PACE,
    readGraceMs: env.READ_GRACE,
    ...(direct ? { maxConnectionsPerAddress: env.MAX_CONNECTIONS_PER_ADDRESS } : {}),
  };
}
