import { startTestRedis } from '@claude-flow/testing/redis';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keysLeft, newSwarmRecord } from '../../test/ledger-fixture.ts';
import { expectSound } from '../../test/ledger-invariants.ts';
import type { LedgerSnapshot } from '../../test/ledger-snapshot.ts';
import { aPlan } from '../../test/model/graphs.ts';
import { specOf } from '../../test/model/specs.ts';
import { type Arena, openArena, ROUNDS } from '../../test/races/contest.ts';
import { taskId } from '../domain/ids.ts';
import type { TaskSpec } from '../domain/task.ts';
import { TASKS_WRITTEN_AT_ONCE } from '../runtime/tunables.ts';
import type { Ledger } from './ledger.ts';
import { createSwarm, deleteSwarm, getSwarm } from './swarms.ts';

/** A swarm that is written in parts is the swarm that one script would have written, or it is not there. */
let redis: Awaited<ReturnType<typeof startTestRedis>>;
let arena: Arena;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis({ ownServer: true });
  arena = await openArena(redis.url, redis.prefix);
  ({ ledger } = arena);
});
afterAll(async () => {
  arena?.close();
  await redis?.stop();
});

const graphOf = (tasks: Parameters<typeof specOf>[0][]) => ({
  source: 'caller' as const,
  degraded: false,
  summary: 'As the test says',
  tasks: tasks.map(
    (task, i): TaskSpec => ({ ...specOf(task), id: taskId(i + 1), sequence: i + 1, key: `k${i}` }),
  ),
});
const simple = { agentType: 'coder', priority: 2, onFailure: 'continue', maxRetries: 0 } as const;
/** Each waits for the one before. */
const chain = (length: number) =>
  graphOf(Array.from({ length }, (_, i) => ({ ...simple, dependencies: i === 0 ? [] : [taskId(i)] })));
const inTwos = { tasks: 2, bytes: 1_000_000 };

/** What does not depend on when it was made and how the swarm is called. */
function timeless(snapshot: LedgerSnapshot, swarmId: string): unknown {
  const text = JSON.stringify(snapshot, (_key, value) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
  const times =
    /"(createdAt|spawnedAt|startedAt|updatedAt|queuedAt|busySince|deadlineAt|at|timestamp)":("?)\d{13}\2/g;
  return JSON.parse(
    text
      .replaceAll(swarmId, 'swarm')
      .replaceAll(times, '"$1":0')
      .replaceAll(/(\["task_\d+",)\d{13}\]/g, '$10]'),
  );
}

test('whatever the graph, and whatever is written at once: the same swarm as in one step', async () => {
  const portion = fc.record({
    tasks: fc.integer({ min: 1, max: 4 }),
    bytes: fc.constantFrom(1, 700, 1_000_000),
  });
  await fc.assert(
    fc.asyncProperty(aPlan, portion, fc.boolean(), fc.nat(3), async (tasks, small, start, dispatch) => {
      const plan = graphOf(tasks.map((task) => ({ ...simple, ...task })));
      const [whole, inParts] = await Promise.all(
        [undefined, small].map(async (portion) => {
          const swarm = newSwarmRecord({ webhook: { url: 'http://localhost:1/', events: [] } });
          const more = { plan, start, dispatch: async () => dispatch, portion };
          const { created, status, queued } = await createSwarm(ledger, swarm, Date.now(), more);
          const snapshot = await expectSound(ledger, swarm.id);
          expect(await ledger.redis.exists(ledger.keys.swarm(swarm.id, 'draft'))).toBe(0);
          for (const key of ledger.keys.allOfSwarm(swarm.id))
            expect(await ledger.redis.pttl(key)).toBeLessThan(0);
          const webhook = await ledger.redis.hgetall(ledger.keys.swarm(swarm.id, 'webhook'));
          const ids = queued.map(({ taskId: id }) => id);
          return { created, status, ids, webhook, ledger: timeless(snapshot, swarm.id) };
        }),
      );
      expect(inParts).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test('two that create the same swarm: one makes it, and it is whole', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const swarm = newSwarmRecord();
    const create = (one: Ledger) =>
      createSwarm(one, swarm, Date.now(), { plan: chain(9), start: true, portion: inTwos });
    const both = await arena.contest(round, create, create);
    expect(both.map((each) => each.ok && each.value.created).sort()).toEqual([false, true]);
    const { events } = await expectSound(ledger, swarm.id);
    expect(events.filter(({ type }) => type === 'task.created')).toHaveLength(9);
  }
});

test('two that draft different graphs under one id: one of them is there, and whole', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const swarm = newSwarmRecord();
    const create = (length: number) => (one: Ledger) =>
      createSwarm(one, swarm, Date.now(), { plan: chain(length), portion: inTwos });
    const both = await arena.contest(round, create(7), create(8));
    // Who is always overtaken gives up in the end; the swarm is the other's.
    expect(both.filter((each) => each.ok && each.value.created)).toHaveLength(1);
    const { tasks } = await expectSound(ledger, swarm.id);
    expect([7, 8]).toContain(tasks.size);
  }
});

/** Carries out what `dispatch` asks for when all is drafted and the swarm is not there yet. */
const atTheLastMoment = (swarm: ReturnType<typeof newSwarmRecord>, act: () => Promise<unknown>) =>
  createSwarm(ledger, swarm, Date.now(), {
    plan: chain(5),
    start: true,
    portion: inTwos,
    dispatch: async () => {
      await act();
      return 1;
    },
  });

test('a draft is no swarm: nobody finds it, and it goes away by itself', async () => {
  const swarm = newSwarmRecord();
  await expect(
    atTheLastMoment(swarm, async () => {
      expect(await getSwarm(ledger, swarm.id)).toBeUndefined();
      const left = await keysLeft(ledger, swarm.id);
      expect(left.length).toBeGreaterThan(5);
      for (const key of left) expect(await ledger.redis.pttl(key)).toBeGreaterThan(0);
      throw new Error('The process died here.');
    }),
  ).rejects.toThrow('died here');
  expect(await getSwarm(ledger, swarm.id)).toBeUndefined();
  // A retry goes on with it, one of another graph begins anew.
  const { created } = await createSwarm(ledger, swarm, Date.now(), { plan: chain(3), portion: inTwos });
  expect(created).toBe(true);
  expect((await expectSound(ledger, swarm.id)).tasks.size).toBe(3);
});

test.each(['specs', 'tasks', 'dependents', 'indegree', 'ready', 'open', 'events', 'draft'] as const)(
  'a draft whose %s got lost is drafted anew',
  async (name) => {
    const swarm = newSwarmRecord();
    let lost = 0;
    const { created, queued } = await atTheLastMoment(swarm, async () => {
      lost += 1;
      if (lost === 1) await ledger.redis.unlink(ledger.keys.swarm(swarm.id, name));
    });
    expect([created, queued.length, lost]).toEqual([true, 1, 2]);
    expect((await expectSound(ledger, swarm.id)).tasks.size).toBe(5);
  },
);

test('what is lost again and again is told, and is no swarm', async () => {
  const swarm = newSwarmRecord();
  const losing = atTheLastMoment(swarm, () => ledger.redis.unlink(ledger.keys.swarm(swarm.id, 'specs')));
  await expect(losing).rejects.toMatchObject({ code: 'redis_unavailable' });
  expect(await getSwarm(ledger, swarm.id)).toBeUndefined();
});

test('a deleted swarm does not come back by its parts', async () => {
  const swarm = newSwarmRecord();
  await createSwarm(ledger, swarm, Date.now(), { plan: chain(5), portion: inTwos });
  await deleteSwarm(ledger, swarm.id);
  const again = createSwarm(ledger, swarm, Date.now(), { plan: chain(5), portion: inTwos });
  await expect(again).rejects.toMatchObject({ code: 'swarm_not_found' });
  expect(await keysLeft(ledger, swarm.id)).toEqual([]);
});

test('one script never writes more tasks than it should', async () => {
  const swarm = newSwarmRecord();
  const length = TASKS_WRITTEN_AT_ONCE * 2 + 1;
  const scripts: string[] = [];
  const watched: Ledger = {
    ...ledger,
    scripts: {
      ...ledger.scripts,
      run: (...args) => {
        scripts.push(`${args[1]} ${args[4]?.length ?? 0}`);
        return ledger.scripts.run(...args);
      },
    },
  };
  await createSwarm(watched, swarm, Date.now(), { plan: chain(length) });
  const each = scripts.map((one) => Number(one.split(' ')[1]));
  expect(Math.max(...each)).toBeLessThanOrEqual(TASKS_WRITTEN_AT_ONCE);
  expect(each.reduce((sum, one) => sum + one, 0)).toBe(length);
  expect(scripts.at(-1)).toBe('create-drafted-swarm 0');
  expect((await expectSound(ledger, swarm.id)).tasks.size).toBe(length);
});
