import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  claimAll,
  DIAMOND,
  eventLines,
  graph,
  newSwarm,
  openLedger,
  plan,
  result,
} from '../../test/ledger-fixture.ts';
import { completeTask } from './completions.ts';
import type { Ledger } from './ledger.ts';
import { observeSwarm } from './observations.ts';
import { dropOwnerless, relistSwarm } from './strays.ts';
import {
  deleteSwarm,
  expireUnstarted,
  getSwarm,
  mendSwarm,
  pauseSwarm,
  resumeSwarm,
  startSwarm,
} from './swarms.ts';
import { dispatchTasks, releaseTask } from './tasks.ts';
import { countFreePlaces, forgetWorker, listWorkers, readFreePlaces, registerWorker } from './workers.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis.url, redis.prefix);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await redis?.stop();
});

async function started(edges: Record<string, string[]> = DIAMOND): Promise<string> {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  return swarmId;
}
const key = (swarmId: string, name: Parameters<typeof ledger.keys.swarm>[1]) =>
  ledger.keys.swarm(swarmId, name);

/** What the keys of a swarm hold that mending could touch. */
async function contents(swarmId: string): Promise<unknown[]> {
  const { redis: connection } = ledger;
  const hashes = ['meta', 'tasks', 'indegree', 'agents', 'pool'] as const;
  const places = ['ready', 'queued', 'running', 'retrying'] as const;
  const sets = ['open', 'suspended'] as const;
  return Promise.all([
    ...hashes.map((name) => connection.hgetall(key(swarmId, name))),
    ...places.map((name) => connection.zrange(key(swarmId, name), '0', '-1', 'WITHSCORES')),
    ...sets.map(async (name) => (await connection.smembers(key(swarmId, name))).sort()),
    connection.xlen(key(swarmId, 'events')),
  ]);
}

describe('mending', () => {
  test('changes nothing in a sound swarm, wherever its tasks are', async () => {
    const swarmId = await started({ a: [], b: ['a'], c: [], d: [], e: [] });
    const [one, two] = await claimAll(ledger, swarmId);
    if (one === undefined || two === undefined) throw new Error('nothing runs');
    await completeTask(ledger, one, result('x'), {});
    await dispatchTasks(ledger, swarmId, 1);
    await pauseSwarm(ledger, swarmId);
    await releaseTask(ledger, two, 'the test');
    const before = await contents(swarmId);
    expect(await mendSwarm(ledger, swarmId)).toBe(0);
    expect(await contents(swarmId)).toEqual(before);
    await resumeSwarm(ledger, swarmId);
    expect(await mendSwarm(ledger, swarmId)).toBe(0);
  });

  test('puts every task back when all places are lost, and the swarm completes', async () => {
    const swarmId = await started({ a: [], b: ['a'], c: [], d: [] });
    const running = await claimAll(ledger, swarmId);
    const places = ['ready', 'queued', 'running', 'retrying', 'suspended', 'open'] as const;
    await ledger.redis.del(...places.map((name) => key(swarmId, name)));
    await ledger.redis.hdel(key(swarmId, 'meta'), 'tasks:blocked', 'tasks:running', 'totalTasks');
    expect(await mendSwarm(ledger, swarmId)).toBeGreaterThan(0);
    const { openCount, placedCount } = await observeSwarm(ledger, swarmId, 0);
    expect([openCount, placedCount]).toEqual([4, 4]);
    for (const claim of running) await completeTask(ledger, claim, result('x'), {});
    for (const claim of await claimAll(ledger, swarmId)) await completeTask(ledger, claim, result('x'), {});
    expect(await getSwarm(ledger, swarmId)).toMatchObject({ status: 'completed', counts: { completed: 4 } });
    expect((await eventLines(ledger, swarmId)).filter((line) => line === 'swarm.completed')).toHaveLength(1);
  });

  test('race: against the last completion: the swarm ends once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const swarmId = await started({ a: [] });
      const [claim] = await claimAll(ledger, swarmId);
      if (claim === undefined) throw new Error('nothing runs');
      await Promise.all([
        completeTask(ledger, claim, result('x'), {}),
        mendSwarm(ledger, swarmId),
        mendSwarm(ledger, swarmId),
      ]);
      expect((await eventLines(ledger, swarmId)).filter((line) => line === 'swarm.completed')).toHaveLength(
        1,
      );
    }
  });

  test('leaves alone what has no plan, has ended, or is not there', async () => {
    const ended = await started({ a: [] });
    for (const claim of await claimAll(ledger, ended)) await completeTask(ledger, claim, result('x'), {});
    for (const id of [await newSwarm(ledger), ended, 'swarm_a_999999999'])
      expect(await mendSwarm(ledger, id)).toBe(0);
  });
});

describe('a swarm that nobody starts', () => {
  test('is ended after its time, not before', async () => {
    const swarmId = await newSwarm(ledger);
    await plan(ledger, swarmId, graph({ a: [] }));
    expect(await expireUnstarted(ledger, swarmId, 60_000, 'm')).toBe(false);
    expect(await expireUnstarted(ledger, swarmId, 0, 'Nobody started it.')).toBe(true);
    expect(await expireUnstarted(ledger, swarmId, 0, 'again')).toBe(false);
    expect(await getSwarm(ledger, swarmId)).toMatchObject({
      status: 'stopped',
      message: 'Nobody started it.',
    });
  });

  test('race: a start against its end: one of them wins', async () => {
    for (let round = 0; round < 10; round += 1) {
      const swarmId = await newSwarm(ledger);
      await plan(ledger, swarmId, graph({ a: [] }));
      const [start, ended] = await Promise.allSettled([
        startSwarm(ledger, swarmId),
        expireUnstarted(ledger, swarmId, 0, 'm'),
      ]);
      const endedIt = ended.status === 'fulfilled' && ended.value;
      expect(start.status === 'fulfilled').toBe(!endedIt);
      expect((await getSwarm(ledger, swarmId))?.status).toBe(endedIt ? 'stopped' : 'executing');
    }
  });
});

describe('strays', () => {
  test('a key goes only when its swarm is gone', async () => {
    const swarmId = await started({ a: [] });
    const journal = ledger.keys.swarm(swarmId, 'journal', 'task_001');
    await ledger.redis.rpush(journal, '{}');
    expect(await dropOwnerless(ledger, swarmId, journal)).toBe(false);
    await deleteSwarm(ledger, swarmId);
    await ledger.redis.rpush(journal, '{}');
    expect(await dropOwnerless(ledger, swarmId, journal)).toBe(true);
    expect(await ledger.redis.exists(journal)).toBe(0);
  });

  test('race: relisting against deletion leaves no entry without a swarm', async () => {
    for (let round = 0; round < 10; round += 1) {
      const swarmId = await started({ a: [] });
      const { activeSwarms } = ledger.keys;
      await ledger.redis.zrem(activeSwarms, swarmId);
      await Promise.all([
        deleteSwarm(ledger, swarmId),
        relistSwarm(ledger, activeSwarms, { swarmId, createdAt: 1 }),
      ]);
      const listed = await ledger.redis.zscore(activeSwarms, swarmId);
      expect(listed === null || (await getSwarm(ledger, swarmId)) !== undefined).toBe(true);
    }
  });

  test('keys are taken apart as they are put together', () => {
    const { keys } = ledger;
    const swarmId = 'swarm_a_999999999';
    expect(keys.parseSwarmKey(keys.swarm(swarmId, 'meta'))).toEqual({ swarmId, name: 'meta' });
    expect(keys.parseSwarmKey(keys.swarm(swarmId, 'journal', 'task_001'))).toEqual({
      swarmId,
      name: 'journal',
      taskId: 'task_001',
    });
    for (const other of [
      keys.activeSwarms,
      `${keys.prefix}:{x}:meta`,
      `other:{${swarmId}}:meta`,
      `${keys.prefix}:{${swarmId}}`,
    ])
      expect(keys.parseSwarmKey(other)).toBeUndefined();
  });
});

test('a worker is written down once, however often, and by Redis’s clock', async () => {
  await registerWorker(ledger, { workerId: 'w1', concurrency: 2 });
  const [first] = await listWorkers(ledger);
  await registerWorker(ledger, { workerId: 'w1', concurrency: 3 });
  const [second, ...others] = await listWorkers(ledger);
  expect(others).toEqual([]);
  expect(second).toMatchObject({ workerId: 'w1', concurrency: 3, startedAt: first?.startedAt });
  expect(second?.lastSeenAt).toBeGreaterThanOrEqual(first?.lastSeenAt ?? Number.POSITIVE_INFINITY);
  await forgetWorker(ledger, 'w1');
  expect(await listWorkers(ledger)).toEqual([]);

  expect(await readFreePlaces(ledger)).toBeUndefined();
  await registerWorker(ledger, { workerId: 'w1', concurrency: 3, free: 2 });
  await registerWorker(ledger, { workerId: 'w2', concurrency: 9, free: 5 });
  // One of the last release, and one that was lost a while ago.
  await registerWorker(ledger, { workerId: 'w3', concurrency: 9 });
  const lost = { workerId: 'w4', concurrency: 9, free: 9, startedAt: 1, lastSeenAt: 1 };
  await countFreePlaces(ledger, [...(await listWorkers(ledger)), lost]);
  expect(await readFreePlaces(ledger)).toBe(7);
  await countFreePlaces(ledger, []);
  expect(await readFreePlaces(ledger)).toBe(0);
});
