import { webhookJobSchema } from '@claude-flow/core/contracts/jobs';
import type { EventType } from '@claude-flow/core/contracts/swarm-event';
import { GHOST_AFTER_MS } from '@claude-flow/core/domain/stale';
import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import { consume } from '@claude-flow/core/queue/consumer';
import { QUEUE_NAMES } from '@claude-flow/core/queue/names';
import { enqueueWebhook } from '@claude-flow/core/queue/webhooks';
import type { RedisClient } from '@claude-flow/core/redis/connect';
import {
  forgetWebhook,
  listWebhooks,
  type WebhookSighting,
  webhookDestination,
} from '@claude-flow/core/store/webhooks';
import { every, type Periodic } from '../loops/every.ts';
import { type DeliveryDeps, deliverWebhook } from './deliver-webhook.ts';
import { createDeliveryPlaces } from './delivery-places.ts';
import { createNudges } from './nudges.ts';
import { RETRY_PLAN } from './retry.ts';
import {
  DELIVERY_TIMEOUT_MS,
  PLACES,
  WEBHOOK_JOBS_AT_ONCE,
  WEBHOOK_LEASE_MS,
  WEBHOOK_LOOK_EVERY_MS,
  WEBHOOK_PAGE,
} from './tunables.ts';

export interface WebhookLoopDeps
  extends Omit<DeliveryDeps, 'signal' | 'retry' | 'timeoutMs' | 'onAnswer'>,
    Partial<Pick<DeliveryDeps, 'retry' | 'timeoutMs'>> {
  /** A connection of its own: the consumer blocks it. */
  consumerRedis: RedisClient;
  /** A connection of its own, in subscriber mode: hears of new events. */
  subscriber: RedisClient;
  lookEveryMs?: number;
}

/**
 * Sends swarms' events to their webhooks. The event stream is the truth, and the ledger knows how far each webhook is: jobs
 * and messages only say when to look, and a look at all of them every second makes up for any that was lost.
 */
export function startWebhookLoop(deps: WebhookLoopDeps): Periodic {
  const { ledger, queues, log } = deps;
  const stopping = new AbortController();
  const delivery: DeliveryDeps = {
    retry: RETRY_PLAN,
    timeoutMs: DELIVERY_TIMEOUT_MS,
    ...deps,
    signal: stopping.signal,
    onAnswer: (swarmId, quick) => places.note(swarmId, quick),
  };
  const places = createDeliveryPlaces({
    limits: PLACES,
    deliver: (swarmId) => deliverWebhook(delivery, swarmId),
    onError: (error, swarmId) =>
      log.warn({ err: error, swarmId }, 'A webhook’s turn failed; the next look makes up for it'),
  });
  const nudges = createNudges(deps.subscriber, {
    nudge: (swarmId, seq) => enqueueWebhook(queues, swarmId, `at.${seq}`),
    onError: (error) => log.warn({ err: error }, 'Webhooks are told of new events a second late'),
  });
  const consumer = consume({
    queue: QUEUE_NAMES.webhook,
    prefix: ledger.keys.queuePrefix,
    redis: deps.consumerRedis,
    schema: webhookJobSchema,
    concurrency: WEBHOOK_JOBS_AT_ONCE,
    async handle({ swarmId }) {
      const to = await webhookDestination(ledger, swarmId);
      if (to !== undefined) places.offer(swarmId, to);
    },
    onError: (error, payload) =>
      log.warn(
        { err: error, payload },
        'A reason to look at a webhook was lost; the next look makes up for it',
      ),
  });
  const looks = every(
    deps.lookEveryMs ?? WEBHOOK_LOOK_EVERY_MS,
    log,
    'A look at the webhooks',
    async (signal) => {
      const now = Date.now();
      const live = new Map<string, readonly EventType[]>();
      for (let offset = 0; !signal.aborted; ) {
        const page = await listWebhooks(ledger, now, offset, WEBHOOK_PAGE);
        let left = 0;
        for (const seen of page) {
          const verdict = judgeWebhook(seen, now);
          if (verdict === 'over') {
            await forgetWebhook(ledger, seen.swarmId);
            left += 1;
          }
          if (verdict === 'behind') {
            const round = Math.floor(now / WEBHOOK_LEASE_MS);
            await enqueueWebhook(queues, seen.swarmId, `${seen.seq}.${seen.attempts}.${round}`);
          }
          if (verdict !== 'over') live.set(ledger.keys.eventsChannel(seen.swarmId), seen.events);
        }
        if (page.length < WEBHOOK_PAGE) break;
        offset += page.length - left;
      }
      await nudges.follow(live);
    },
  );
  return {
    async stop() {
      await looks.stop();
      nudges.end();
      stopping.abort();
      await consumer.close();
      await places.close();
    },
  };
}

/** Pure. `over`: nothing will ever be delivered again; `behind`: there is something to deliver, and nobody is at it. */
export function judgeWebhook(seen: WebhookSighting, now: number): 'over' | 'behind' | 'healthy' {
  // Creation writes the index first, and the swarm right after.
  if (seen.status === undefined) return now - seen.score >= GHOST_AFTER_MS ? 'over' : 'healthy';
  if (seen.state === 'given-up') return 'over';
  if (seen.seq >= seen.lastEvent) return isTerminalSwarm(seen.status) ? 'over' : 'healthy';
  return seen.dueAt <= now && seen.leaseUntil <= now ? 'behind' : 'healthy';
}
