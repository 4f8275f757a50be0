import { tellEnvironment } from '@claude-flow/core/runtime/environment-notes';
import { startHealthServer } from '@claude-flow/core/runtime/health-server';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { createMetrics } from '@claude-flow/core/runtime/metrics';
import { startsWithoutArguments } from '@claude-flow/core/runtime/no-arguments';
import { readyLine, runMain } from '@claude-flow/core/runtime/run-main';
import { createShutdown } from '@claude-flow/core/runtime/shutdown';
import { loadWorkerConfig } from './config.ts';
import { type RunningWorker, startWorker } from './worker.ts';

const STARTING = { ready: false, reason: 'The worker is starting.' };

const USAGE = {
  command: 'start:worker',
  does: 'Runs the agents of swarms.',
  variables: [
    'REDIS_URL           the one Redis (redis://127.0.0.1:6379)',
    'ANTHROPIC_API_KEY   for Claude',
    'ANTHROPIC_BASE_URL  another server that speaks the Messages API',
    'CLAUDE_FLOW_MODEL   the model to use',
    'MAX_CONCURRENT_TASKS  tasks at the same time (10)',
  ],
};

runMain('worker', async () => {
  if (!startsWithoutArguments(USAGE)) return;
  const config = loadWorkerConfig(process.env);
  const { workerId } = config;
  const log = createLogger({ service: 'worker', level: config.logLevel, base: { workerId } });
  tellEnvironment(process.env, log);
  const metrics = createMetrics('worker');
  let worker: RunningWorker | undefined;
  // Before the first task is taken: a port that is not to be had must not cost anybody a task.
  const health =
    config.healthPort === undefined
      ? undefined
      : await startHealthServer({
          port: config.healthPort,
          host: config.host,
          readiness: async () => (await worker?.readiness()) ?? STARTING,
          registry: metrics.registry,
        });
  worker = await startWorker(config, { log, metrics });
  const { drain, close } = worker;

  const shutdown = createShutdown(log);
  shutdown.add('hand back tasks', drain);
  shutdown.add('close', close);
  shutdown.add('health', () => health?.close());

  const ports = health === undefined ? {} : { health: health.port };
  const model = new URL(config.anthropic.baseUrl).origin;
  const sentence = `Worker ${workerId} takes up to ${config.maxConcurrentTasks} tasks at a time; models at ${model}`;
  log.info(readyLine(ports), sentence);
});
