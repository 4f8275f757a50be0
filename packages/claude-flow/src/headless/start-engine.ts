import { loadApiConfig } from '@claude-flow/api/config/config';
import { type ApiHost, type RunningApi, startApi } from '@claude-flow/api/start-api';
import { tellEnvironment } from '@claude-flow/core/runtime/environment-notes';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { createMetrics, type Metrics } from '@claude-flow/core/runtime/metrics';
import { timerMs } from '@claude-flow/core/runtime/timer-ms';
import { type PrivateRedis, startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { loadSchedulerConfig } from '@claude-flow/scheduler/config';
import { startScheduler } from '@claude-flow/scheduler/start-scheduler';
import { loadWorkerConfig } from '@claude-flow/worker/config';
import type { ProcessorDeps } from '@claude-flow/worker/processor/processor-deps';
import { type RunningWorker, startWorker } from '@claude-flow/worker/worker';
import { AggregatorRegistry } from 'prom-client';
import type { ExecutionConfig, HeadlessConfig } from './config.ts';
import { processVariables, type Variables } from './process-env.ts';

export interface EngineOptions {
  config: HeadlessConfig;
  env: Variables;
  /** Without it: a private Redis that ends with the engine. */
  redisUrl: string | undefined;
  host: Pick<ApiHost, 'front' | 'identify' | 'stands'>;
}

export interface RunningEngine {
  api: RunningApi;
  redisUrl: string;
  /** What API, scheduler and worker of this process have measured, as one Prometheus text. */
  measurements(): Promise<string>;
  /** Warns the program's owner, in a sentence. */
  warn(sentence: string): void;
  /** One more worker in this process; it ends by its own `drain` and `close`. */
  startWorker(
    bridge: ExecutionConfig,
    execute: NonNullable<ProcessorDeps['execute']>,
  ): Promise<RunningWorker>;
  stop(): Promise<void>;
}

/**
 * Starts Redis when none is given, a scheduler and the API in this process. What has been started is ended when a later one
 * fails.
 * @throws ClaudeFlowError `config_invalid`, `redis_unavailable`, `port_taken`
 */
export async function startEngine({ config, env, redisUrl, host }: EngineOptions): Promise<RunningEngine> {
  const common = {
    ...processVariables(config, env),
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  // One probe server for this one process: the API's.
  const inside = { ...common, HEALTH_PORT: undefined };
  const apiConfig = loadApiConfig(common);
  const schedulerConfig = loadSchedulerConfig(inside);
  loadWorkerConfig(inside);
  const { logLevel: level } = apiConfig;
  const logger = (service: string) => createLogger({ service, level });
  const log = logger('headless');
  tellEnvironment(env, log);
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.toReversed()) await end();
  };
  try {
    let redis: PrivateRedis | undefined;
    if (redisUrl === undefined && !common.REDIS_URL) {
      redis = await startPrivateRedis({ onProgress: (text) => log.info(text) });
      ends.push(redis.stop);
      log.info(
        { event: 'redis.private' },
        'A Redis of its own: what it holds ends with this process. Set REDIS_URL to keep it.',
      );
    }
    const url = redis?.url ?? apiConfig.redisUrl;
    const asyncTimeout = { timeoutMs: timerMs(config.bridge.asyncTimeout) };
    const scheduler = await startScheduler(
      { ...schedulerConfig, redisUrl: url, anthropic: { ...schedulerConfig.anthropic, ...asyncTimeout } },
      logger('scheduler'),
    );
    ends.push(scheduler.stop);
    const api = await startApi({ ...apiConfig, redisUrl: url }, logger('api'), host);
    ends.push(api.close);
    const workerMetrics = createMetrics('worker');
    return {
      api,
      redisUrl: url,
      measurements: () => merged([api.deps.metrics, scheduler.metrics, workerMetrics]),
      warn: (sentence) => log.warn(sentence),
      startWorker(bridge, execute) {
        const worker = loadWorkerConfig({
          ...inside,
          MAX_CONCURRENT_TASKS: String(bridge.maxConcurrentTasks),
        });
        const anthropic = { ...worker.anthropic, timeoutMs: timerMs(bridge.asyncTimeout) };
        return startWorker(
          { ...worker, redisUrl: url, anthropic },
          { log: logger('worker'), metrics: workerMetrics, execute },
        );
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Their labels tell the services apart; each family has to stand there once. */
async function merged(all: readonly Metrics[]): Promise<string> {
  const measured = await Promise.all(all.map(({ registry }) => registry.getMetricsAsJSON()));
  return AggregatorRegistry.aggregate(measured).metrics();
}
