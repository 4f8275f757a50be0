import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { graph, newSwarm, openLedger, plan } from '../../test/ledger-fixture.ts';
import { newSwarmId } from '../domain/ids.ts';
import type { Ledger } from '../store/ledger.ts';
import { deleteSwarm, startSwarm, stopSwarm } from '../store/swarms.ts';
import { dispatchTasks } from '../store/tasks.ts';
import { freePlaces, returnPlace, takePlace } from './places.ts';
import { createQueues, type Queues } from './queues.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
let queues: Queues;
const deps = () => ({ ledger, queues });
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

const taken = () => ledger.redis.zcard(ledger.keys.startedSwarms);
const end = { reason: 'stopped', message: 'x' } as const;
async function ready(): Promise<string> {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph({ a: [] }));
  return swarmId;
}

test('of twenty starts at once as many get a place as there are; who has one keeps it', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, ready));
  const outcomes = await Promise.allSettled(ids.map((id) => takePlace(deps(), id, 3)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const refused = outcomes.find((one) => one.status === 'rejected');
  expect(refused?.reason).toMatchObject({
    code: 'limit_exceeded',
    message: /MAX_SWARMS.*when one has ended/,
  });
  const placed = ids[outcomes.findIndex(({ status }) => status === 'fulfilled')] ?? '';
  expect(await takePlace(deps(), placed, 3)).toBe(false);
  expect(await taken()).toBe(3);
});

test('a swarm that ended a moment ago, by whatever way, is no reason to refuse', async () => {
  const [stopped, deleted, failed] = [await ready(), await ready(), await ready()];
  for (const id of [stopped, deleted, failed]) {
    await takePlace(deps(), id, 3);
    await startSwarm(ledger, id);
  }
  await stopSwarm(ledger, stopped, end);
  expect(await taken()).toBe(2);
  await deleteSwarm(ledger, deleted);
  expect(await taken()).toBe(1);
  // Ends in a script that knows nothing of places.
  await dispatchTasks(ledger, failed, 1);
  await ledger.scripts.run(ledger.redis, 'stop', { swarmId: failed }, end);
  expect(await taken()).toBe(1);
  expect(await takePlace(deps(), await ready(), 1)).toBe(true);
});

test('a place whose start never came is free after a while, not before', async () => {
  const [never, unstarted] = [newSwarmId(Date.now()), await ready()];
  for (const id of [never, unstarted]) await takePlace(deps(), id, undefined);
  expect(await freePlaces(deps(), 50)).toBe(0);
  await ledger.redis.zadd(ledger.keys.startedSwarms, 1, never, 1, unstarted);
  expect(await freePlaces(deps(), 50)).toBe(2);
});

test('the place of a start that failed is given back, that of one that won is not', async () => {
  const [won, lost] = [await ready(), await ready()];
  for (const id of [won, lost]) await takePlace(deps(), id, 2);
  await startSwarm(ledger, won);
  for (const id of [won, lost]) await returnPlace(deps(), id);
  expect(await ledger.redis.zrange(ledger.keys.startedSwarms, '0', '-1')).toEqual([won]);
});

test('a place that is taken anew while it is looked at stays', async () => {
  const id = await ready();
  await takePlace(deps(), id, undefined);
  // What somebody saw who was about to free it.
  const seen = '1';
  await deps().queues.scripts.run('free-place', { swarmId: id, takenAt: seen });
  expect(await ledger.redis.zscore(ledger.keys.startedSwarms, id)).not.toBeNull();
  const takenAt = (await ledger.redis.zscore(ledger.keys.startedSwarms, id)) ?? '';
  expect(await deps().queues.scripts.run('free-place', { swarmId: id, takenAt })).toEqual([1]);
  expect(await ledger.redis.zscore(ledger.keys.startedSwarms, id)).toBeNull();
});
