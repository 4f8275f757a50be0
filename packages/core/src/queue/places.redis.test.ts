import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graph, newSwarm, openLedger, plan } from '../../test/ledger-fixture.ts';
import { newSwarmId } from '../domain/ids.ts';
import { queueKey } from '../redis/keys.ts';
import type { Ledger } from '../store/ledger.ts';
import { deleteSwarm, startSwarm, stopSwarm } from '../store/swarms.ts';
import { dispatchTasks } from '../store/tasks.ts';
import { forgetEnded, freePlaces, type PlaceLimits, returnPlace, takePlace } from './places.ts';
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
const of = (swarmId: string, owner = 'somebody') => ({ swarmId, owner });
async function ready(): Promise<string> {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph({ a: [] }));
  return swarmId;
}

test('of twenty starts at once as many get a place as there are; who has one keeps it', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, ready));
  const outcomes = await Promise.allSettled(ids.map((id) => takePlace(deps(), of(id), { all: 3 })));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const refused = outcomes.find((one) => one.status === 'rejected');
  expect(refused?.reason).toMatchObject({
    code: 'limit_exceeded',
    message: /MAX_SWARMS.*when one has ended/,
  });
  const placed = ids[outcomes.findIndex(({ status }) => status === 'fulfilled')] ?? '';
  expect(await takePlace(deps(), of(placed), { all: 3 })).toBe(false);
  expect(await taken()).toBe(3);
});

test('a swarm that ended a moment ago, by whatever way, is no reason to refuse', async () => {
  const [stopped, deleted, failed] = [await ready(), await ready(), await ready()];
  for (const id of [stopped, deleted, failed]) {
    await takePlace(deps(), of(id), { all: 3 });
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
  expect(await takePlace(deps(), of(await ready()), { all: 1 })).toBe(true);
});

test('a place whose start never came is free after a while, not before', async () => {
  const [never, unstarted] = [newSwarmId(Date.now()), await ready()];
  for (const id of [never, unstarted]) await takePlace(deps(), of(id), {});
  expect(await freePlaces(deps(), 50)).toBe(0);
  await ledger.redis.zadd(ledger.keys.startedSwarms, 1, never, 1, unstarted);
  expect(await freePlaces(deps(), 50)).toBe(2);
});

test('the place of a start that failed is given back, that of one that won is not', async () => {
  const [won, lost] = [await ready(), await ready()];
  for (const id of [won, lost]) await takePlace(deps(), of(id), { all: 2 });
  await startSwarm(ledger, won);
  for (const id of [won, lost]) await returnPlace(deps(), id);
  expect(await ledger.redis.zrange(ledger.keys.startedSwarms, '0', '-1')).toEqual([won]);
});

test('a place that is taken anew while it is looked at stays', async () => {
  const id = await ready();
  await takePlace(deps(), of(id), {});
  // What somebody saw who was about to free it.
  const seen = '1';
  await deps().queues.scripts.run('free-place', { swarmId: id, takenAt: seen });
  expect(await ledger.redis.zscore(ledger.keys.startedSwarms, id)).not.toBeNull();
  const takenAt = (await ledger.redis.zscore(ledger.keys.startedSwarms, id)) ?? '';
  expect(await deps().queues.scripts.run('free-place', { swarmId: id, takenAt })).toEqual([1]);
  expect(await ledger.redis.zscore(ledger.keys.startedSwarms, id)).toBeNull();
});

describe('shared between owners', () => {
  const LIMIT = { all: 4 };
  const outcomeOf = (owner: string, swarmId: string, limits: PlaceLimits = LIMIT) =>
    takePlace(deps(), of(swarmId, owner), limits).then(
      () => 'taken',
      (error: Error) => error.message,
    );
  const startedBy = async (owner: string) => {
    const id = await ready();
    expect(await outcomeOf(owner, id)).toBe('taken');
    await startSwarm(ledger, id);
    return id;
  };

  test('alone, an owner may take all; the next place is for the one who was refused, however often the first asks', async () => {
    const [first = '', second = ''] = [
      await startedBy('flood'),
      await startedBy('flood'),
      await startedBy('flood'),
      await startedBy('flood'),
    ];
    const late = await ready();
    expect(await outcomeOf('late', late)).toMatch(/4 swarms are started.*MAX_SWARMS/);
    await stopSwarm(ledger, first, end);
    const many = await Promise.all(Array.from({ length: 10 }, ready));
    const answers = await Promise.all(many.map((id) => outcomeOf('flood', id)));
    expect(new Set(answers)).toEqual(
      new Set([expect.stringMatching(/for other callers, who have fewer and were refused/)]),
    );
    expect(await outcomeOf('late', late)).toBe('taken');
    await startSwarm(ledger, late);
    // Nobody waits any more: the first may go on.
    await stopSwarm(ledger, second, end);
    expect(await outcomeOf('flood', many[0] ?? '')).toBe('taken');
  });

  test('at two servers at once, the place that is free goes to whoever has none, and to nobody twice', async () => {
    for (let round = 0; round < 5; round += 1) {
      await ledger.redis.del(ledger.keys.startedSwarms, queueKey(ledger.keys.queuePrefix, 'wanted'));
      const held = await startedBy('flood');
      for (let more = 0; more < 3; more += 1) await startedBy('flood');
      const [one, two] = [await ready(), await ready()];
      await Promise.all([outcomeOf('one', one), outcomeOf('two', two)]);
      await stopSwarm(ledger, held, end);
      const greedy = await Promise.all(Array.from({ length: 5 }, ready));
      const answers = await Promise.all([
        ...greedy.map((id) => outcomeOf('flood', id)),
        outcomeOf('one', one),
        outcomeOf('two', two),
        ...greedy.map((id) => outcomeOf('flood', id)),
      ]);
      expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
      expect([answers[5], answers[6]]).toContain('taken');
    }
  });

  test('whoever was refused and does not come back keeps nobody waiting for long', async () => {
    const held = await startedBy('flood');
    for (let more = 0; more < 3; more += 1) await startedBy('flood');
    expect(await outcomeOf('gone', await ready())).toMatch(/MAX_SWARMS/);
    await stopSwarm(ledger, held, end);
    const next = await ready();
    expect(await outcomeOf('flood', next)).toMatch(/other callers/);
    // As if it had been refused long ago.
    const wanted = queueKey(ledger.keys.queuePrefix, 'wanted');
    await ledger.redis.zadd(wanted, 'XX', 1, ledger.keys.ownerTag('gone'));
    expect(await outcomeOf('flood', next)).toBe('taken');
  });

  test('one owner may have as many as MAX_SWARMS_PER_OWNER, also when there is no other limit', async () => {
    const limits = { owner: 2 };
    const ids = await Promise.all(Array.from({ length: 6 }, ready));
    const answers = await Promise.all(ids.map((id) => outcomeOf('one', id, limits)));
    expect(answers.filter((answer) => answer === 'taken')).toHaveLength(2);
    expect(answers.find((answer) => answer !== 'taken')).toMatch(/2 swarms of yours.*MAX_SWARMS_PER_OWNER/);
    expect(await outcomeOf('other', await ready(), limits)).toBe('taken');
  });

  test('what is kept for the count does not grow with swarms that have ended', async () => {
    const by = queueKey(ledger.keys.queuePrefix, 'startedBy');
    for (let at = 0; at < 130; at += 1) {
      const swarmId = newSwarmId(Date.now());
      expect(await outcomeOf(`owner-${at}`, swarmId)).toBe('taken');
      await ledger.redis.zrem(ledger.keys.startedSwarms, swarmId);
    }
    expect(await ledger.redis.zcard(by)).toBe(130);
    const alive = newSwarmId(Date.now());
    expect(await outcomeOf('alive', alive)).toBe('taken');
    while ((await ledger.redis.zcard(by)) > 1) await forgetEnded(deps(), 50);
    expect(await ledger.redis.zrange(by, '0', '-1')).toEqual([`${ledger.keys.ownerTag('alive')}:${alive}`]);
  });
});
