import { Queue } from 'bullmq';
import type { PlanJob, TaskJob, WakeJob, WebhookJob } from '../contracts/jobs.ts';
import type { Deadlines } from '../redis/clock.ts';
import type { RedisClient } from '../redis/connect.ts';
import { loadQueueScripts, type QueueScripts } from '../redis/queue-scripts.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { QUEUE_NAMES } from './names.ts';
import { createTurnTaker, type TurnTaker } from './turn-taker.ts';

/** The queues, for adding and inspecting. BullMQ only delivers: no retries of its own, nothing kept when done. */
export interface Queues {
  plan: Queue<PlanJob>;
  task: Queue<TaskJob>;
  wake: Queue<WakeJob>;
  webhook: Queue<WebhookJob>;
  scripts: QueueScripts;
  metrics: Metrics | undefined;
  /** This process's looks for turns. */
  taker: TurnTaker;
  /** Tags of owners by swarm, as far as this process knows them. */
  owners: Map<string, string>;
  close(): Promise<void>;
}

const deliverOnly = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;
/** Entries kept of BullMQ's own event stream; nobody steers by it. */
const EVENT_STREAM_LENGTH = 1_000;

export function createQueues(
  redis: RedisClient,
  prefix: string,
  onError: (error: Error) => void,
  metrics?: Metrics,
  deadlines?: Deadlines,
): Queues {
  const make = <Job>(name: string) => {
    const queue = new Queue<Job>(name, {
      connection: redis,
      prefix,
      defaultJobOptions: deliverOnly,
      skipVersionCheck: true,
      streams: { events: { maxLen: EVENT_STREAM_LENGTH } },
    });
    queue.on('error', onError);
    return queue;
  };
  const plan = make<PlanJob>(QUEUE_NAMES.plan);
  const task = make<TaskJob>(QUEUE_NAMES.task);
  const wake = make<WakeJob>(QUEUE_NAMES.wake);
  const webhook = make<WebhookJob>(QUEUE_NAMES.webhook);
  const taker = createTurnTaker(onError);
  return {
    plan,
    task,
    wake,
    webhook,
    scripts: loadQueueScripts(redis, prefix, deadlines),
    metrics,
    taker,
    owners: new Map(),
    close: async () => {
      await taker.close();
      await Promise.all([plan.close(), task.close(), wake.close(), webhook.close()]);
    },
  };
}
