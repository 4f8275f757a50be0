import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, Worker } from 'bullmq';
import type { ZodType } from 'zod';
import { isRedisAway, type RedisClient } from '../redis/connect.ts';
import { JOB_LOCK_MS, JOB_LOOK_EVERY_MS, JOB_STALLED_EVERY_MS, REDIS_RETRY_MS } from '../runtime/tunables.ts';
import type { QueueName } from './names.ts';

export interface Consumer {
  /** Stops taking jobs; resolves when those at hand are done. */
  close(): Promise<void>;
  /** Stops taking jobs without waiting for those at hand. */
  pause(): Promise<void>;
  /** Takes jobs again after `pause`. */
  resume(): Promise<void>;
  /** From now on at most so many jobs at once; those at hand go on. */
  limit(jobs: number): void;
}

export interface ConsumerOptions<Payload> {
  queue: QueueName;
  prefix: string;
  /** Written into the jobs that it takes: whose they are when it is gone. */
  name?: string;
  /** A connection of its own: it blocks. */
  redis: RedisClient;
  schema: ZodType<Payload>;
  concurrency: number;
  handle(payload: Payload): Promise<void>;
  /** A job that is not of the schema, or a handler that threw; the job is gone, the sweep repairs what it meant. */
  onError(error: Error, payload: unknown): void;
}

/** BullMQ fetches again at once when a fetch was refused: a Redis that is full would be asked thousands of times a second. */
class RestingWorker extends Worker {
  protected override async moveToActive(token: string, name?: string) {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      if (isRedisAway(error)) await sleep(REDIS_RETRY_MS);
      throw error;
    }
  }
}

/** Takes jobs of one queue, checks their shape and hands them over. A job is acknowledged whatever comes of it. */
export function consume<Payload>(options: ConsumerOptions<Payload>): Consumer {
  const handle = async (job: Job): Promise<void> => {
    try {
      await options.handle(options.schema.parse(job.data));
    } catch (error) {
      options.onError(error as Error, job.data);
    }
  };
  const worker = new RestingWorker(options.queue, handle, {
    connection: options.redis,
    prefix: options.prefix,
    ...(options.name === undefined ? {} : { name: options.name }),
    concurrency: options.concurrency,
    lockDuration: JOB_LOCK_MS,
    stalledInterval: JOB_STALLED_EVERY_MS,
    drainDelay: JOB_LOOK_EVERY_MS / 1000,
    // A delivery that stalls is delivered again, however often: the claim decides what it is worth.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    skipVersionCheck: true,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  worker.on('error', (error) => options.onError(error, undefined));
  return {
    close: () => worker.close(),
    pause: () => worker.pause(true),
    resume: () => worker.resume(),
    limit(jobs) {
      worker.concurrency = jobs;
    },
  };
}
