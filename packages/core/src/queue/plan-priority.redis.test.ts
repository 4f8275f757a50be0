import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { newSwarm, openLedger } from '../../test/ledger-fixture.ts';
import { queueKey } from '../redis/keys.ts';
import type { Ledger } from '../store/ledger.ts';
import { enqueuePlan } from './dispatcher.ts';
import { fairPlanPriority } from './plan-priority.ts';
import { createQueues, type Queues } from './queues.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
let queues: Queues;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  ledger = await openLedger(redis.url, `${redis.prefix}-${Math.random().toString(36).slice(2)}`);
  queues = createQueues(ledger.redis, ledger.keys.queuePrefix, () => undefined);
});
afterEach(async () => {
  await queues.close();
  ledger.redis.disconnect();
});

/** Owners by swarm, for reading the order. */
const owners = new Map<string, string>();
async function request(owner: string): Promise<string> {
  const swarmId = await newSwarm(ledger, { owner });
  owners.set(swarmId, owner);
  await enqueuePlan({ ledger, queues }, swarmId);
  return swarmId;
}
/** Whose plans come next, in BullMQ's own order. */
const order = async (count: number) =>
  (await queues.plan.getJobs(['prioritized'], 0, count - 1, true)).map(({ data }) =>
    owners.get(data.swarmId),
  );

test('a thousand requests of one owner stand behind the first of another', async () => {
  for (let page = 0; page < 10; page += 1)
    await Promise.all(Array.from({ length: 100 }, () => request('crowd')));
  await request('small');
  await request('small');
  const places = (await order(1_002)).flatMap((owner, place) => (owner === 'small' ? [place] : []));
  // Those of the crowd that were tagged before the first one had arrived come first too.
  expect(places).toHaveLength(2);
  expect(places[0]).toBeLessThan(110);
});

test('owners take turns, and one that was away is not paid back', async () => {
  for (let i = 0; i < 5; i += 1) await request('a');
  for (let i = 0; i < 3; i += 1) await request('b');
  expect(await order(8)).toEqual(['a', 'a', 'b', 'a', 'b', 'a', 'b', 'a']);
});

test('while nothing waits the tags are forgotten after a moment; while something does they are kept', async () => {
  const tags = queueKey(ledger.keys.queuePrefix, 'planTags');
  await fairPlanPriority(queues, 'a');
  expect(await ledger.redis.pttl(tags)).toBeGreaterThan(0);
  await request('a');
  await request('a');
  expect(await ledger.redis.pttl(tags)).toBeGreaterThan(60_000);
});

test('the priority never passes what BullMQ takes', async () => {
  await ledger.redis.hset(
    queueKey(ledger.keys.queuePrefix, 'planTags'),
    ledger.keys.ownerTag('a'),
    2_097_150,
  );
  await request('a');
  await request('a');
  await request('a');
  const priorities = (await queues.plan.getJobs(['prioritized'])).map((job) => job.priority);
  expect(priorities).toEqual([2_097_151, 2_097_151, 2_097_151]);
});
