import { readBoolean } from '@claude-flow/core/runtime/config-values';

/** The HTTP API. Times are milliseconds. */
export interface ApiServerConfig {
  port: number;
  host: string;
  /** `['*']`: every page, in development only. */
  corsOrigins: string[];
  /** Writes of one caller in one window; reads have a budget of their own. */
  rateLimit: { windowMs: number; max: number };
  authentication: {
    enabled: boolean;
    jwtSecret?: string | undefined;
    apiKeys?: (string | undefined)[] | undefined;
  };
  websocket: { enabled: boolean; heartbeatInterval: number };
  /** Requests are logged as JSON lines in either format. */
  logging: { level: string; format: string };
}

/** How tasks run. Times are milliseconds, sizes bytes. */
export interface ExecutionConfig {
  runtime: 'node' | 'deno' | 'browser';
  enableFallbacks: boolean;
  /** Until a model's answer begins. */
  asyncTimeout: number;
  maxRetries: number;
  /** Between tries of `ExecutionBridge.execute`; tasks rest by the engine's own rule. */
  retryDelay: number;
  useSimpleExecutor: boolean;
  useAdvancedExecutor: boolean;
  enableTaskQueue: boolean;
  maxConcurrentTasks: number;
  taskTimeout: number;
  memoryLimit: number;
}

/** Limits of swarms and of this process. Times are milliseconds unless named otherwise, sizes bytes. */
export interface CoordinatorConfig {
  maxSwarms: number;
  maxAgentsPerSwarm: number;
  defaultAgentTimeout: number;
  taskTimeoutMinutes: number;
  enableResourceMonitoring: boolean;
  enableAutoScaling: boolean;
  enableFailover: boolean;
  /** Of this process, resident. Above it no new swarm is taken until it has fallen below nine tenths. */
  memoryThreshold: number;
  /** 0 to 1, of all cores; above it `alert` is emitted. */
  cpuThreshold: number;
}

/** What kind of environment this is, and what is reported of it. */
export interface EnvironmentConfig {
  nodeEnv: string;
  logLevel: string;
  enableMetrics: boolean;
}

/** The whole configuration of a HeadlessSystem. */
export interface HeadlessConfig {
  api: ApiServerConfig;
  bridge: ExecutionConfig;
  coordinator: CoordinatorConfig;
  environment: EnvironmentConfig;
}

type Variables = Readonly<Record<string, string | undefined>>;

const MINUTE = 60_000;
const MEGABYTE = 1024 * 1024;

/** NaN for what is no number: `validateConfig` reports it. */
function numberOf(env: Variables, name: string, fallback: number): number {
  const text = env[name];
  return text === undefined || text.trim() === '' ? fallback : Number(text);
}

const listOf = (text: string | undefined) =>
  text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** What cannot be read is a fault at the start; until then it counts as what lets nobody in. */
const flag = (text: string | undefined, fallback: boolean, unreadable: boolean) =>
  text === undefined || text === '' ? fallback : (readBoolean(text) ?? unreadable);
const word = (text: string | undefined) => text?.trim().toLowerCase();

/**
 * The configuration that environment variables ask for, completed by the defaults. It never throws: `validateConfig` reports what
 * cannot be read.
 * @param env default: `process.env`
 * @example
 * const config = createEnvironmentConfig({ PORT: '8080', MAX_SWARMS: '10' });
 * console.log(config.api.port);
 */
export function createEnvironmentConfig(env: Variables = process.env): HeadlessConfig {
  const nodeEnv = word(env['NODE_ENV']) || 'development';
  const logLevel = word(env['LOG_LEVEL']) || word(env['CLAUDE_FLOW_LOG_LEVEL']) || 'info';
  return {
    api: {
      port: numberOf(env, 'PORT', 3000),
      host: env['HOST'] || '0.0.0.0',
      corsOrigins: listOf(env['CORS_ORIGINS']) ?? ['*'],
      rateLimit: {
        windowMs: numberOf(env, 'RATE_LIMIT_WINDOW', 15 * MINUTE),
        max: numberOf(env, 'RATE_LIMIT_MAX', 100),
      },
      authentication: {
        enabled: flag(env['AUTH_ENABLED'], false, true),
        jwtSecret: env['JWT_SECRET'] || undefined,
        apiKeys: listOf(env['API_KEYS']),
      },
      websocket: {
        enabled: flag(env['WS_ENABLED'], true, true),
        heartbeatInterval: numberOf(env, 'WS_HEARTBEAT', 30_000),
      },
      logging: { level: logLevel, format: nodeEnv === 'production' ? 'combined' : 'dev' },
    },
    bridge: {
      runtime: 'node',
      enableFallbacks: true,
      asyncTimeout: 2 * MINUTE,
      maxRetries: numberOf(env, 'MAX_RETRIES', 3),
      retryDelay: 1_000,
      useSimpleExecutor: true,
      useAdvancedExecutor: true,
      enableTaskQueue: true,
      maxConcurrentTasks: numberOf(env, 'MAX_CONCURRENT_TASKS', 10),
      taskTimeout: numberOf(env, 'CLAUDE_FLOW_TIMEOUT', 5 * MINUTE),
      memoryLimit: 512 * MEGABYTE,
    },
    coordinator: {
      maxSwarms: numberOf(env, 'MAX_SWARMS', 50),
      maxAgentsPerSwarm: 20,
      defaultAgentTimeout: 30_000,
      taskTimeoutMinutes: numberOf(env, 'TASK_TIMEOUT_MINUTES', 10),
      enableResourceMonitoring: flag(env['RESOURCE_MONITORING'], true, true),
      enableAutoScaling: true,
      enableFailover: true,
      memoryThreshold: numberOf(env, 'MEMORY_THRESHOLD', 1024 * MEGABYTE),
      cpuThreshold: numberOf(env, 'CPU_THRESHOLD', 0.8),
    },
    environment: { nodeEnv, logLevel, enableMetrics: flag(env['ENABLE_METRICS'], true, true) },
  };
}

/**
 * The defaults, overridden by what the environment sets.
 * @example
 * const config = createDefaultConfig();
 * config.coordinator.maxSwarms = 10;
 */
export function createDefaultConfig(): HeadlessConfig {
  return createEnvironmentConfig();
}

/** A configuration of which parts may be left out. */
export type PartialConfig = {
  [Section in keyof HeadlessConfig]?: Partial<HeadlessConfig[Section]> | undefined;
};

/** Fills in what was left out. */
export function completeConfig(config: PartialConfig): HeadlessConfig {
  const defaults = createDefaultConfig();
  const { api = {} } = config;
  return {
    api: {
      ...defaults.api,
      ...api,
      rateLimit: { ...defaults.api.rateLimit, ...api.rateLimit },
      authentication: { ...defaults.api.authentication, ...api.authentication },
      websocket: { ...defaults.api.websocket, ...api.websocket },
      logging: { ...defaults.api.logging, ...api.logging },
    },
    bridge: { ...defaults.bridge, ...config.bridge },
    coordinator: { ...defaults.coordinator, ...config.coordinator },
    environment: { ...defaults.environment, ...config.environment },
  };
}
