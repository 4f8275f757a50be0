import { applyFleetCap } from '@claude-flow/core/queue/fleet-cap';
import { createQueues } from '@claude-flow/core/queue/queues';
import { countUncounted } from '@claude-flow/core/queue/storage';
import { createRedis, isRedisAway } from '@claude-flow/core/redis/connect';
import { tellAway } from '@claude-flow/core/redis/tell-away';
import { type Readiness, startHealthServer } from '@claude-flow/core/runtime/health-server';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { createMetrics, type Metrics } from '@claude-flow/core/runtime/metrics';
import { openLedger } from '@claude-flow/core/store/open-ledger';
import { indexActiveByOwner } from '@claude-flow/core/store/swarm-lists';
import { createModelClient } from '@claude-flow/llm/client';
import { tellLeftOut } from '@claude-flow/llm/tell-left-out';
import type { SchedulerConfig } from './config.ts';
import { startPlanLoop } from './loops/plan-loop.ts';
import { startSweepLoop } from './loops/sweep-loop.ts';
import { startTurnsLoop } from './loops/turns-loop.ts';
import { startWakeLoop } from './loops/wake-loop.ts';
import { startWalkLoop } from './loops/walk-loop.ts';
import { startWatchLoop } from './loops/watch-loop.ts';
import { builtInStrategies } from './planner/strategies/registry.ts';
import { startWebhookLoop } from './webhooks/webhook-loop.ts';

const SERVICE = 'scheduler';

export interface RunningScheduler {
  metrics: Metrics;
  healthPort?: number;
  /** Ends the loops, each after the step it is at, and lets go of Redis. */
  stop(): Promise<void>;
}

/**
 * Connects to Redis, and plans and watches over swarms until stopped.
 * @throws ClaudeFlowError `redis_unavailable`, `port_taken`
 */
export async function startScheduler(config: SchedulerConfig, log: Logger): Promise<RunningScheduler> {
  let stopping = false;
  const metrics = createMetrics(SERVICE);
  // While Redis is away every retry fails anew: that is one state, said at a level that does not flood.
  const onError = (error: Error) =>
    log[isRedisAway(error) ? 'debug' : 'warn']({ err: error }, 'Redis: error');
  const connection = (use: string, url = config.redisUrl) =>
    ({
      url,
      tls: config.redisTls,
      name: `claude-flow-${SERVICE}-${use}`,
      mode: 'patient',
      onError,
    }) as const;
  const { ledger, redisUrl, probe } = await openLedger(connection('ledger'), {
    prefix: config.redisPrefix,
    metrics,
    log,
  });
  const { redis } = ledger;
  const planRedis = createRedis(connection('plan', redisUrl));
  const wakeRedis = createRedis(connection('wake', redisUrl));
  const subscriber = createRedis(connection('control', redisUrl));
  const webhookRedis = createRedis(connection('webhook', redisUrl));
  const eventSubscriber = createRedis(connection('events', redisUrl));

  if (config.anthropic.proxy !== undefined) {
    const sentence =
      'Calls to the model server go by way of the proxy of the environment; webhooks go directly.';
    log.info({ event: 'proxy' }, sentence);
  }
  const endTelling = tellAway(redis, log, 'everything waits');
  const queues = createQueues(redis, ledger.keys.queuePrefix, onError, metrics);
  await applyFleetCap(queues, config.fleetCap, log);
  const client = createModelClient({ ...config.anthropic, onLeftOut: tellLeftOut(log) });

  const health =
    config.healthPort === undefined
      ? undefined
      : await startHealthServer({
          port: config.healthPort,
          host: config.host,
          registry: metrics.registry,
          readiness: async (): Promise<Readiness> =>
            stopping ? { ready: false, reason: 'The scheduler is stopping.' } : probe.readiness(),
        });

  const plans = await startPlanLoop({
    ledger,
    queues,
    log,
    consumerRedis: planRedis,
    subscriber,
    concurrency: config.maxConcurrentPlans,
    planner: {
      client,
      metrics,
      log,
      models: config.models,
      strategies: builtInStrategies(),
      taskDefaults: config.taskDefaults,
    },
  });
  const wakes = startWakeLoop({ ledger, queues, metrics, log, consumerRedis: wakeRedis });
  const sweeps = startSweepLoop({ ledger, queues, metrics, log });
  const turns = startTurnsLoop({ ledger, queues, metrics, log });
  const webhooks = startWebhookLoop({
    ledger,
    queues,
    metrics,
    log,
    consumerRedis: webhookRedis,
    subscriber: eventSubscriber,
    allowPrivate: config.webhookAllowPrivate,
  });
  const watch = startWatchLoop({ ledger, queues, metrics, log });
  const walk = startWalkLoop({ ledger, metrics, log });
  // What a release wrote that had no such indexes; what an old API still adds beside us, the walk finds.
  indexActiveByOwner(ledger).catch((error: unknown) =>
    log.warn({ err: error }, 'Unfinished swarms could not be entered into the indexes of their owners'),
  );
  countUncounted({ ledger, queues }).catch((error: unknown) =>
    log.warn({ err: error }, 'What swarms of an earlier release store could not be counted'),
  );

  return {
    metrics,
    ...(health === undefined ? {} : { healthPort: health.port }),
    async stop() {
      stopping = true;
      endTelling();
      await plans.stop();
      await wakes.close();
      await Promise.all([sweeps.stop(), turns.stop(), watch.stop(), walk.stop(), webhooks.stop()]);
      await queues.close();
      for (const each of [redis, planRedis, wakeRedis, subscriber, webhookRedis, eventSubscriber])
        each.disconnect();
      await health?.close();
    },
  };
}
