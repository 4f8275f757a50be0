import { startTestRedis } from '@claude-flow/testing/redis';
import { Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { graph, newSwarm, openLedger, plan } from '../../test/ledger-fixture.ts';
import { queueKey } from '../redis/keys.ts';
import { createLogger } from '../runtime/logger.ts';
import type { Ledger } from '../store/ledger.ts';
import { startSwarm } from '../store/swarms.ts';
import { deliveriesOf, freeDeliveries } from './backlog.ts';
import { dispatchSwarm } from './dispatcher.ts';
import { applyFleetCap } from './fleet-cap.ts';
import { createQueues, type Queues } from './queues.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
let queues: Queues;
const log = createLogger({ service: 'test', level: 'silent' });
const workers: Worker[] = [];
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  ledger = await openLedger(redis.url, `${redis.prefix}-${Math.random().toString(36).slice(2)}`);
  queues = createQueues(ledger.redis, ledger.keys.queuePrefix, () => undefined);
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.close(true);
  await queues.close();
  ledger.redis.disconnect();
});

function hands(name: string): Worker {
  const worker = new Worker('task', null, {
    connection: ledger.redis,
    prefix: ledger.keys.queuePrefix,
    name,
    skipVersionCheck: true,
  });
  workers.push(worker);
  return worker;
}
const take = (worker: Worker) => worker.getNextJob(worker.name, { block: false });
async function queued(tasks: number): Promise<void> {
  const swarmId = await newSwarm(ledger, { maxAgents: 50 });
  await plan(
    ledger,
    swarmId,
    graph(Object.fromEntries(Array.from({ length: tasks }, (_, i) => [`t${i}`, []]))),
  );
  await startSwarm(ledger, swarmId);
  await dispatchSwarm({ ledger, queues }, swarmId);
}

test('the cap is set, changed, and removed; no more are delivered', async () => {
  await applyFleetCap(queues, undefined, log);
  expect(await queues.task.getGlobalConcurrency()).toBeNull();
  await applyFleetCap(queues, 2, log);
  await queued(4);
  const worker = hands('one');
  expect(await take(worker)).toBeDefined();
  expect(await take(worker)).toBeDefined();
  expect(await take(worker)).toBeUndefined();
  await applyFleetCap(queues, 3, log);
  expect(await take(worker)).toBeDefined();
  await applyFleetCap(queues, undefined, log);
  expect(await queues.task.getGlobalConcurrency()).toBeNull();
});

test('the deliveries of a worker that is gone are freed, and no others; a worker that sleeps is woken', async () => {
  await applyFleetCap(queues, 3, log);
  await queued(4);
  const [gone, alive] = [hands('gone'), hands('alive')];
  const lost = [await take(gone), await take(gone)];
  const kept = await take(alive);
  // Delivered to another one since somebody looked.
  const jobId = kept?.id ?? '';
  expect(await queues.scripts.run('free-delivery', { jobId, workerId: 'gone' }, jobId)).toEqual([0]);
  const marker = queueKey(ledger.keys.queuePrefix, 'taskMarker');
  await ledger.redis.del(marker);
  expect(await take(alive)).toBeUndefined();

  expect(await freeDeliveries(queues, 'gone')).toBe(2);
  expect(await ledger.redis.exists(marker)).toBe(1);
  expect(await deliveriesOf(queues, 'gone')).toEqual([]);
  expect(await deliveriesOf(queues, 'alive')).toEqual([kept?.data]);
  for (const job of lost) {
    expect(await queues.task.getJob(job?.id ?? '')).toBeUndefined();
    const lock = queueKey(ledger.keys.queuePrefix, 'jobLock', job?.id);
    expect(await ledger.redis.exists(lock)).toBe(0);
    // It lived all the same: its acknowledgement is refused, and changes nothing.
    await expect(job?.moveToCompleted('x', 'gone', false)).rejects.toThrow();
  }
  expect(await take(alive)).toBeDefined();
  expect(await freeDeliveries(queues, 'gone')).toBe(0);
});
