import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { wakeJobSchema } from '../contracts/jobs.ts';
import { createRedis, type RedisClient } from '../redis/connect.ts';
import { createKeys } from '../redis/keys.ts';
import { JOB_LOOK_EVERY_MS } from '../runtime/tunables.ts';
import { type Consumer, consume } from './consumer.ts';
import { QUEUE_NAMES } from './names.ts';
import { createQueues, type Queues } from './queues.ts';

let server: TestRedis;
let redis: RedisClient;
let queues: Queues;
let prefix: string;
const connections: RedisClient[] = [];
const consumers: Consumer[] = [];
const connect = (name: string) => {
  const connection = createRedis({ url: server.url, name, mode: 'patient' });
  connections.push(connection);
  return connection;
};
beforeAll(async () => {
  server = await startTestRedis({ ownServer: true });
  redis = connect('test');
  prefix = createKeys(server.prefix).queuePrefix;
  queues = createQueues(redis, prefix, () => undefined);
});
afterEach(async () => {
  await redis.config('SET', 'maxmemory', '0');
  await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
});
afterAll(async () => {
  await queues?.close();
  for (const connection of connections) connection.disconnect();
  await server?.stop();
});

const SOON = { deadlineMs: 20_000 };

function start(onError: (error: Error) => void = () => undefined): string[] {
  const taken: string[] = [];
  const consumer = consume({
    queue: QUEUE_NAMES.wake,
    prefix,
    redis: connect('consumer'),
    schema: wakeJobSchema,
    concurrency: 4,
    async handle({ swarmId }) {
      taken.push(swarmId);
    },
    onError,
  });
  consumers.push(consumer);
  return taken;
}
const SWARM = 'swarm_00000000_aaaaaaaaa';
const TRIPS = 1_000;

it('looks for a job by itself every second, since the message that there is one may be lost', async () => {
  const watcher = await new Redis(server.url).monitor();
  const waits: number[] = [];
  watcher.on('monitor', (_time: string, [command, , timeout]: string[]) => {
    if (command?.toLowerCase() === 'bzpopmin') waits.push(Number(timeout));
  });
  try {
    start();
    await waitFor(() => waits.length > 0, { ...SOON, what: 'the consumer to wait for a job' });
    expect(waits[0]).toBe(JOB_LOOK_EVERY_MS / 1000);
    // Within a second nobody misses it; with a sweep and what follows it stays under five.
    expect(JOB_LOOK_EVERY_MS).toBeLessThanOrEqual(1_000);
  } finally {
    watcher.disconnect();
  }
});

it('does not storm a Redis that is full, and takes the job when it is not', async () => {
  await queues.wake.add('wake', { swarmId: SWARM });
  await redis.config('SET', 'maxmemory', '1');
  let refused = 0;
  const taken = start(() => {
    refused += 1;
  });
  await waitFor(() => refused > 0, { ...SOON, what: 'a fetch to be refused' });
  // As quick as the consumer could be.
  for (let trip = 0; trip < TRIPS; trip += 1) await redis.ping();
  expect(refused).toBeLessThan(TRIPS / 4);
  expect(taken).toEqual([]);
  await redis.config('SET', 'maxmemory', '0');
  await waitFor(() => taken.length === 1, { ...SOON, what: 'the job' });
});
