import { readBoolean } from '@claude-flow/core/runtime/config-values';
import { completeConfig, type HeadlessConfig, type PartialConfig } from './config.ts';

export type Variables = Record<string, string | undefined>;

const DEFAULT_WRITES = 100;
const EVERY_ADDRESS = '0.0.0.0';

/** Keys as they came from the environment: unset ones are none. */
export function givenKeys(config: HeadlessConfig): string[] {
  const { apiKeys = [] } = config.api.authentication;
  return apiKeys.map((key) => key?.trim() ?? '').filter((key) => key !== '');
}

const unlessGiven = (config: HeadlessConfig, key: string | undefined) =>
  key !== undefined && givenKeys(config).includes(key.trim()) ? undefined : key;

/**
 * The configuration as the variables that API, scheduler and worker read, on top of the environment's own: their schemas
 * stay the only place that checks and understands values.
 */
export function processVariables(given: PartialConfig, env: Variables): Variables {
  const config = completeConfig(given);
  const { api, bridge, coordinator, environment } = config;
  const { authentication, rateLimit, websocket } = api;
  const variables: Variables = {
    ...env,
    NODE_ENV: environment.nodeEnv,
    LOG_LEVEL: api.logging.level || environment.logLevel,
    PORT: String(api.port),
    AUTH_ENABLED: String(authentication.enabled),
    WS_ENABLED: String(websocket.enabled),
    WS_HEARTBEAT: String(websocket.heartbeatInterval),
    MAX_RETRIES: String(bridge.maxRetries),
    MAX_CONCURRENT_TASKS: String(bridge.maxConcurrentTasks),
    CLAUDE_FLOW_TIMEOUT: String(bridge.taskTimeout),
    TASK_TIMEOUT_MINUTES: String(coordinator.taskTimeoutMinutes),
    MAX_SWARMS: String(coordinator.maxSwarms),
    RESOURCE_MONITORING: String(coordinator.enableResourceMonitoring),
    ENABLE_METRICS: String(environment.enableMetrics),
    API_KEYS: givenKeys(config).join(','),
    // Those of the document are among the keys given.
    FRONTEND_API_KEY: unlessGiven(config, env['FRONTEND_API_KEY']),
    ADMIN_API_KEY: unlessGiven(config, env['ADMIN_API_KEY']),
    JWT_SECRET: authentication.jwtSecret ?? '',
  };
  // Without authentication "every address" is the default that nobody asked for: the API then stays on this machine.
  const chosenHost = api.host !== EVERY_ADDRESS || authentication.enabled || isSet(env['HOST']);
  const openOnPurpose = readBoolean(env['ALLOW_UNAUTHENTICATED'] ?? '') === true;
  variables['HOST'] = chosenHost || openOnPurpose ? api.host : undefined;
  // So is "every page", which production refuses.
  const everyPage = api.corsOrigins.length === 1 && api.corsOrigins[0] === '*';
  if (!everyPage || isSet(env['CORS_ORIGINS'])) variables['CORS_ORIGINS'] = api.corsOrigins.join(',');
  // Naming a limit turns limits on, also without authentication.
  const limited = authentication.enabled || rateLimit.max !== DEFAULT_WRITES;
  if (limited) variables['RATE_LIMIT_MAX'] = String(rateLimit.max);
  variables['RATE_LIMIT_WINDOW'] = String(rateLimit.windowMs);
  return variables;
}

const isSet = (text: string | undefined) => text !== undefined && text !== '';
