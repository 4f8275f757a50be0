import { readFileSync } from 'node:fs';
import { loadApiConfig } from '@claude-flow/api/config/config';
import { loadSchedulerConfig } from '@claude-flow/scheduler/config';
import { loadWorkerConfig } from '@claude-flow/worker/config';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ExecutionBridge } from './bridge.ts';
import {
  completeConfig,
  createDefaultConfig,
  createEnvironmentConfig,
  type HeadlessConfig,
} from './config.ts';
import { withoutEffect } from './config-notes.ts';
import { processVariables } from './process-env.ts';
import { configFaults, validateConfig } from './validate-config.ts';

afterEach(() => vi.unstubAllEnvs());

const MODEL = { ANTHROPIC_API_KEY: 'sk-test' };
type Env = Record<string, string>;

/** What the processes make of an environment. */
function processes(env: Env, change: (config: HeadlessConfig) => void = () => {}) {
  const given = { ...MODEL, ...env };
  const config = completeConfig(createEnvironmentConfig(given));
  change(config);
  const variables = processVariables(config, given);
  return {
    config,
    variables,
    api: loadApiConfig(variables),
    scheduler: loadSchedulerConfig(variables),
    worker: loadWorkerConfig(variables),
  };
}
type Processes = ReturnType<typeof processes>;
const minute = 60_000;
const secret = 's'.repeat(32);

/** Every variable of the document: what it is set to, and where that arrives. */
const VARIABLES: [id: string, env: Env, observed: (all: Processes) => unknown, expected: unknown][] = [
  ['ENV-01', { ANTHROPIC_API_KEY: 'k' }, ({ worker }) => worker.anthropic.apiKey, 'k'],
  ['ENV-02', { NODE_ENV: 'production' }, ({ api }) => api.environment, 'production'],
  ['ENV-03', { PORT: '4000' }, ({ api }) => api.port, 4000],
  ['ENV-03 default', {}, ({ api }) => api.port, 3000],
  ['ENV-04', { HOST: '0.0.0.0' }, ({ api }) => api.host, '0.0.0.0'],
  ['ENV-04 default, with keys', { AUTH_ENABLED: 'true', API_KEYS: 'k' }, ({ api }) => api.host, '0.0.0.0'],
  ['ENV-04 default, open: this machine only', {}, ({ api }) => api.host, '127.0.0.1'],
  ['ENV-05: nothing to turn on', { CLAUDE_FLOW_HEADLESS: 'true' }, ({ api }) => api.port, 3000],
  ['ENV-06', { CLAUDE_FLOW_MAX_AGENTS: '7' }, ({ variables }) => variables['CLAUDE_FLOW_MAX_AGENTS'], '7'],
  ['ENV-07', { CLAUDE_FLOW_TIMEOUT: '60000' }, ({ scheduler }) => scheduler.taskDefaults.timeoutMs, minute],
  ['ENV-08', { CLAUDE_FLOW_LOG_LEVEL: 'debug' }, ({ worker }) => worker.logLevel, 'debug'],
  ['ENV-09', { AUTH_ENABLED: 'true', API_KEYS: 'k' }, ({ api }) => api.auth.enabled, true],
  ['ENV-09 default', {}, ({ api }) => api.auth.enabled, false],
  ['ENV-10', { API_KEYS: ' one , ,two,' }, ({ api }) => api.auth.apiKeys, ['one', 'two']],
  ['ENV-11', { JWT_SECRET: secret }, ({ variables }) => variables['JWT_SECRET'], secret],
  [
    'ENV-12',
    { CORS_ORIGINS: 'https://a.b, https://c.d' },
    ({ api }) => api.corsOrigins,
    ['https://a.b', 'https://c.d'],
  ],
  ['ENV-12 default in development, without authentication', {}, ({ api }) => api.corsOrigins, 'loopback'],
  ['ENV-12 default in production', { NODE_ENV: 'production' }, ({ api }) => api.corsOrigins, []],
  ['ENV-13', { WS_ENABLED: 'false' }, ({ api }) => api.websocket.enabled, false],
  [
    'ENV-14',
    { RESOURCE_MONITORING: 'false' },
    ({ config }) => config.coordinator.enableResourceMonitoring,
    false,
  ],
  ['ENV-15', { ENABLE_METRICS: 'false' }, ({ config }) => config.environment.enableMetrics, false],
  ['ENV-16', { MAX_CONCURRENT_TASKS: '3' }, ({ worker }) => worker.maxConcurrentTasks, 3],
  ['ENV-17', { TASK_TIMEOUT_MINUTES: '2' }, ({ api }) => api.taskDefaults.timeoutMs, 2 * minute],
  ['ENV-18', { MEMORY_THRESHOLD: '2000000000' }, ({ config }) => config.coordinator.memoryThreshold, 2e9],
  ['ENV-19', { CPU_THRESHOLD: '0.5' }, ({ config }) => config.coordinator.cpuThreshold, 0.5],
  [
    'ENV-20',
    { RATE_LIMIT_WINDOW: '60000', RATE_LIMIT_MAX: '7' },
    ({ api }) => [api.limits?.windowMs, api.limits?.writes],
    [minute, 7],
  ],
  ['ENV-21', { WS_HEARTBEAT: '1000' }, ({ api }) => api.websocket.heartbeatMs, 1000],
  ['ENV-22', { LOG_LEVEL: 'warn', CLAUDE_FLOW_LOG_LEVEL: 'debug' }, ({ api }) => api.logLevel, 'warn'],
  ['ENV-25', { REDIS_URL: 'redis://h:1' }, ({ worker }) => worker.redisUrl, 'redis://h:1'],
];

describe('the document’s variables', () => {
  it.each(VARIABLES)('%s', (_id, env, observed, expected) => {
    expect(observed(processes(env))).toEqual(expected);
  });
});

it('docs/library.md tells of each of them', () => {
  const page = readFileSync(new URL('../../../../docs/library.md', import.meta.url), 'utf8');
  const names = new Set(VARIABLES.flatMap(([, env]) => Object.keys(env)));
  expect([...names].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

/** Every field of the document's configuration that processes read: ENV-24 and CFG-02 to CFG-31. */
const FIELDS: [
  id: string,
  change: (config: HeadlessConfig) => void,
  observed: (all: Processes) => unknown,
  expected: unknown,
][] = [
  ['CFG-02', ({ api }) => Object.assign(api, { port: 8080 }), ({ api }) => api.port, 8080],
  ['CFG-03', ({ api }) => Object.assign(api, { host: '127.0.0.2' }), ({ api }) => api.host, '127.0.0.2'],
  [
    'CFG-04',
    ({ api }) => Object.assign(api, { corsOrigins: ['https://a.b'] }),
    ({ api }) => api.corsOrigins,
    ['https://a.b'],
  ],
  [
    'CFG-05, CFG-06',
    ({ api }) => Object.assign(api, { rateLimit: { windowMs: 5_000, max: 200 } }),
    ({ api }) => [api.limits?.windowMs, api.limits?.writes],
    [5_000, 200],
  ],
  [
    'CFG-07, CFG-09, ENV-24',
    ({ api }) => Object.assign(api, { authentication: { enabled: true, apiKeys: ['a', 'b'] } }),
    ({ api }) => [api.auth.enabled, api.auth.apiKeys],
    [true, ['a', 'b']],
  ],
  [
    'CFG-08',
    ({ api }) => Object.assign(api, { authentication: { enabled: true, jwtSecret: secret } }),
    ({ variables }) => variables['JWT_SECRET'],
    secret,
  ],
  [
    'CFG-10, CFG-11',
    ({ api }) => Object.assign(api, { websocket: { enabled: false, heartbeatInterval: 5_000 } }),
    ({ api }) => api.websocket,
    { enabled: false, heartbeatMs: 5_000 },
  ],
  [
    'CFG-12',
    ({ api }) => Object.assign(api, { logging: { level: 'error', format: 'dev' } }),
    ({ api, worker }) => [api.logLevel, worker.logLevel],
    ['error', 'error'],
  ],
  [
    'CFG-17',
    ({ bridge }) => Object.assign(bridge, { maxRetries: 5 }),
    ({ scheduler, api }) => [scheduler.taskDefaults.maxRetries, api.taskDefaults.maxRetries],
    [5, 5],
  ],
  [
    'CFG-21',
    ({ bridge }) => Object.assign(bridge, { maxConcurrentTasks: 15 }),
    ({ worker }) => worker.maxConcurrentTasks,
    15,
  ],
  [
    'CFG-22',
    ({ bridge }) => Object.assign(bridge, { taskTimeout: 30_000 }),
    ({ scheduler }) => scheduler.taskDefaults.timeoutMs,
    30_000,
  ],
  [
    'CFG-24',
    ({ coordinator }) => Object.assign(coordinator, { maxSwarms: 100 }),
    ({ variables }) => variables['MAX_SWARMS'],
    '100',
  ],
  [
    'CFG-27',
    ({ coordinator }) => Object.assign(coordinator, { taskTimeoutMinutes: 1 }),
    ({ api }) => api.taskDefaults.timeoutMs,
    minute,
  ],
];

describe('the document’s configuration', () => {
  it.each(FIELDS)('%s', (_id, change, observed, expected) => {
    expect(observed(processes({}, change))).toEqual(expected);
  });

  it('CFG-13 to CFG-30: says of a changed field that has no effect why', () => {
    const config = createDefaultConfig();
    expect(withoutEffect(config)).toEqual([]);
    config.api.logging.format = config.api.logging.format === 'dev' ? 'combined' : 'dev';
    Object.assign(config.bridge, {
      enableFallbacks: false,
      useSimpleExecutor: false,
      useAdvancedExecutor: false,
      enableTaskQueue: false,
      memoryLimit: 1,
    });
    Object.assign(config.coordinator, {
      defaultAgentTimeout: 1,
      enableAutoScaling: false,
      enableFailover: false,
    });
    const said = withoutEffect(config);
    expect(said).toHaveLength(9);
    for (const sentence of said) expect(sentence).toMatch(/^[a-zA-Z.]+ has no effect: .{20,}\.$/);
  });

  it('CFG-14: Node is the runtime, others are refused', () => {
    expect(new ExecutionBridge({ runtime: 'node' }).environment).toMatchObject({
      runtime: 'node',
      version: process.version,
    });
    expect(() => new ExecutionBridge({ runtime: 'deno' })).toThrow('Use runtime: "node"');
  });

  it('has the document’s defaults', () => {
    expect(createEnvironmentConfig({})).toMatchObject({
      api: {
        port: 3000,
        host: '0.0.0.0',
        corsOrigins: ['*'],
        rateLimit: { windowMs: 15 * minute, max: 100 },
        authentication: { enabled: false },
        websocket: { enabled: true, heartbeatInterval: 30_000 },
        logging: { level: 'info', format: 'dev' },
      },
      bridge: {
        runtime: 'node',
        asyncTimeout: 2 * minute,
        maxRetries: 3,
        retryDelay: 1_000,
        maxConcurrentTasks: 10,
        taskTimeout: 5 * minute,
        memoryLimit: 512 * 1024 * 1024,
      },
      coordinator: {
        maxSwarms: 50,
        maxAgentsPerSwarm: 20,
        defaultAgentTimeout: 30_000,
        taskTimeoutMinutes: 10,
        memoryThreshold: 1024 ** 3,
        cpuThreshold: 0.8,
      },
      environment: { nodeEnv: 'development', logLevel: 'info', enableMetrics: true },
    });
    expect(createEnvironmentConfig({ NODE_ENV: 'production' }).api.logging.format).toBe('combined');
  });
});

describe('validateConfig', () => {
  const valid = () => createEnvironmentConfig({});
  const with_ = (change: (config: HeadlessConfig) => void) => {
    const config = valid();
    change(config);
    return validateConfig(config);
  };

  it('finds nothing wrong with what is right', () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-test');
    expect(validateConfig(valid())).toEqual([]);
  });

  it('CFG-34: wants a key, unless another model server is named', () => {
    vi.stubEnv('ANTHROPIC_API_KEY', '');
    expect(validateConfig(valid())).toEqual(['ANTHROPIC_API_KEY is required']);
    vi.stubEnv('ANTHROPIC_BASE_URL', 'http://127.0.0.1:8787');
    expect(validateConfig(valid())).toEqual([]);
  });

  it.each([[0], [-1], [65_536], [Number.NaN], [1.5]])('CFG-33: port %s', (port) => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-test');
    const faults = with_(({ api }) => Object.assign(api, { port }));
    expect(faults[0]).toBe('Port must be between 1 and 65535');
  });

  it.each([
    [
      'CFG-35',
      (config: HeadlessConfig) => Object.assign(config.coordinator, { memoryThreshold: 99 * 1024 * 1024 }),
      'Memory threshold too low (minimum 100MB)',
    ],
    [
      'CFG-36',
      (config: HeadlessConfig) => Object.assign(config.coordinator, { maxAgentsPerSwarm: 101 }),
      'Too many agents per swarm (maximum 100)',
    ],
    [
      'CFG-14',
      (config: HeadlessConfig) => Object.assign(config.bridge, { runtime: 'browser' }),
      'bridge.runtime "browser" is not possible',
    ],
    [
      'CFG-17',
      (config: HeadlessConfig) => Object.assign(config.bridge, { maxRetries: 11 }),
      'MAX_RETRIES must be at most 10',
    ],
    [
      'CFG-21',
      (config: HeadlessConfig) => Object.assign(config.bridge, { maxConcurrentTasks: Number.NaN }),
      'MAX_CONCURRENT_TASKS must be a whole number',
    ],
    [
      'CFG-12',
      (config: HeadlessConfig) => Object.assign(config.api.logging, { level: 'loud' }),
      'LOG_LEVEL must be one of',
    ],
    [
      'CFG-08',
      (config: HeadlessConfig) => Object.assign(config.api.authentication, { jwtSecret: 'short' }),
      'JWT_SECRET must be at least 32 bytes',
    ],
    [
      'C35',
      (config: HeadlessConfig) =>
        Object.assign(config.api.authentication, { enabled: true, apiKeys: [undefined, 'k'] }),
      '1 of 2 keys are not set',
    ],
    [
      'C01',
      (config: HeadlessConfig) =>
        Object.assign(config.environment, { nodeEnv: 'production' }) &&
        Object.assign(config.api, { host: '10.0.0.1' }),
      'In production, everybody who reaches 10.0.0.1',
    ],
  ])('%s is reported', (_id, change, sentence) => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-test');
    const faults = with_(change as (config: HeadlessConfig) => void);
    expect(faults).toEqual([expect.stringContaining(sentence)]);
  });

  it('lists all faults at once', () => {
    const config = valid();
    config.api.port = 0;
    config.coordinator.memoryThreshold = 1;
    expect(validateConfig(config).length).toBeGreaterThanOrEqual(2);
    expect(configFaults(config, MODEL)).toEqual(['Memory threshold too low (minimum 100MB)']);
  });
});
