import { wakeJobSchema } from '@claude-flow/core/contracts/jobs';
import { type Consumer, consume } from '@claude-flow/core/queue/consumer';
import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { QUEUE_NAMES } from '@claude-flow/core/queue/names';
import type { Queues } from '@claude-flow/core/queue/queues';
import type { RedisClient } from '@claude-flow/core/redis/connect';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { sweepSwarm } from './sweep/sweep.ts';

/** A dispatch is one short script and some jobs; more at once would only queue up in Redis. */
const WAKES_AT_ONCE = 16;

export interface WakeLoopDeps {
  ledger: Ledger;
  queues: Queues;
  /** A connection of its own: the consumer blocks it. */
  consumerRedis: RedisClient;
  metrics: Metrics;
  log: Logger;
}

/**
 * Dispatches swarms at the moment for which somebody asked, the end of a task's back-off; and looks after those in which
 * somebody saw something stale.
 */
export function startWakeLoop(deps: WakeLoopDeps): Consumer {
  const { ledger, queues, log } = deps;
  return consume({
    queue: QUEUE_NAMES.wake,
    prefix: ledger.keys.queuePrefix,
    redis: deps.consumerRedis,
    schema: wakeJobSchema,
    concurrency: WAKES_AT_ONCE,
    async handle({ swarmId, repair }) {
      if (repair === true) {
        await sweepSwarm(deps, swarmId);
        return;
      }
      const queued = await dispatchSwarm({ ledger, queues }, swarmId);
      if (queued > 0) log.debug({ swarmId, queued }, 'Dispatched on wake-up');
    },
    onError: (error, payload) =>
      log.warn({ err: error, payload }, 'A wake-up failed; the sweep makes up for it'),
  });
}
