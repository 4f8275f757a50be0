import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graph, newSwarm, openLedger, plan, result } from '../../test/ledger-fixture.ts';
import { newSwarmId } from '../domain/ids.ts';
import { addTask } from '../store/add-task.ts';
import { spawnAgent, terminateAgent } from '../store/agents.ts';
import { storeArtifact } from '../store/artifacts.ts';
import { completeTask } from '../store/completions.ts';
import { appendJournal } from '../store/journal.ts';
import type { Ledger } from '../store/ledger.ts';
import { deleteSwarm, startSwarm } from '../store/swarms.ts';
import { retryTask } from '../store/task-control.ts';
import { claimTask, dispatchTasks, failTask, type TaskClaim } from '../store/tasks.ts';
import { createQueues, type Queues } from './queues.ts';
import {
  countUncounted,
  freeStorage,
  recountStorage,
  reserveStorage,
  storageOfOwner,
  storageOfSwarms,
} from './storage.ts';

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

const of = (owner: string) => storageOfOwner(deps(), owner);
const textBytes = async (swarmId: string) =>
  Number(await ledger.redis.hget(ledger.keys.swarm(swarmId, 'meta'), 'textBytes'));

describe('what an owner stores', () => {
  test('of ten swarms at once there is room for as many as fit, and no more; the room of one that is gone is free', async () => {
    const ids = Array.from({ length: 10 }, () => newSwarmId(Date.now()));
    const outcomes = await Promise.all(
      ids.map((swarmId) => reserveStorage(deps(), { swarmId, owner: 'ann', bytes: 9_000 }, 35_000)),
    );
    expect(outcomes.filter(({ taken }) => taken)).toHaveLength(3);
    expect(await of('ann')).toBe(3 * (9_000 + 1_024));
    // Another owner has room of its own.
    const other = { swarmId: newSwarmId(Date.now()), owner: 'bob', bytes: 30_000 };
    expect((await reserveStorage(deps(), other, 35_000)).taken).toBe(true);
    const placed = ids[outcomes.findIndex(({ taken }) => taken)] ?? '';
    // Asked for again, it is had already.
    expect(
      (await reserveStorage(deps(), { swarmId: placed, owner: 'ann', bytes: 9_000 }, 35_000)).taken,
    ).toBe(true);
    expect(await of('ann')).toBe(3 * (9_000 + 1_024));
    for (let times = 0; times < 2; times += 1) await freeStorage(deps(), { swarmId: placed, owner: 'ann' });
    expect(await of('ann')).toBe(2 * (9_000 + 1_024));
  });

  test('is counted anew from what the swarms hold, and is nothing when they are gone', async () => {
    const swarmId = await newSwarm(ledger, { owner: 'ann' });
    expect(await countUncounted(deps())).toBe(1);
    expect(await countUncounted(deps())).toBe(0);
    const begun = await of('ann');
    expect(begun).toBe(1_024 + (await textBytes(swarmId)));
    await plan(ledger, swarmId, graph({ a: [], b: ['a'] }));
    expect(await recountStorage(deps(), 10)).toBe(1);
    expect(await of('ann')).toBe(1_024 + (await textBytes(swarmId)));
    expect(await of('ann')).toBeGreaterThan(begun);
    expect(await storageOfSwarms(deps(), [swarmId, 'unknown'])).toEqual([await of('ann'), 0]);
    await deleteSwarm(ledger, swarmId);
    // Its id is young: it might be about to be written.
    expect(await recountStorage(deps(), 10)).toBe(0);
    const old = newSwarmId(Date.now() - 120_000);
    await reserveStorage(deps(), { swarmId: old, owner: 'ann', bytes: 5 }, undefined);
    expect(await recountStorage(deps(), 10)).toBe(1);
    expect(await storageOfSwarms(deps(), [old])).toEqual([0]);
  });
});

describe('what a swarm stores', () => {
  const LIMIT = 200_000;
  async function running(
    storageLimit: number | undefined = LIMIT,
  ): Promise<{ swarmId: string; task: TaskClaim }> {
    const swarmId = await newSwarm(ledger, {
      owner: 'ann',
      ...(storageLimit === undefined ? {} : { storageLimit }),
    });
    await plan(ledger, swarmId, graph({ a: [] }));
    await startSwarm(ledger, swarmId);
    const { queued } = await dispatchTasks(ledger, swarmId, 1);
    const [first] = queued;
    if (first === undefined) throw new Error('nothing was queued');
    const task: TaskClaim = { swarmId, taskId: first.taskId, attempt: first.attempt, token: 'token' };
    expect((await claimTask(ledger, { ...task, workerId: 'w' })).claimed).toBe(true);
    return { swarmId, task };
  }
  const turn = (text: string) => ({ kind: 'refusals', turn: 1, calls: [{ text }] }) as never;

  test('is the sum of its tasks, turns, results and files; a retry gives the turns back', async () => {
    const { swarmId, task } = await running(undefined);
    const planned = await textBytes(swarmId);
    await appendJournal(ledger, task, 0, turn('x'.repeat(1_000)));
    const journaled = await textBytes(swarmId);
    expect(journaled - planned).toBeGreaterThan(1_000);
    // Sent again after a lost answer, it is there once.
    await appendJournal(ledger, task, 0, turn('x'.repeat(1_000)));
    expect(await textBytes(swarmId)).toBe(journaled);
    await addTask(ledger, swarmId, { ...graph({ x: [] })[0], description: 'd'.repeat(3_000) } as never);
    const added = await textBytes(swarmId);
    expect(added - journaled).toBeGreaterThan(3_000);
    await failTask(ledger, task, { code: 'model_refused', message: 'no', retryable: false, delayMs: 0 });
    await retryTask(ledger, swarmId, task.taskId);
    expect(await textBytes(swarmId)).toBe(added - (journaled - planned));
  });

  test('counts agents too, those that were terminated included: spawning and ending them in turn has an end', async () => {
    const { swarmId } = await running(20_000);
    const before = await textBytes(swarmId);
    const capabilities = { notes: 'x'.repeat(3_500) };
    let spawned = 0;
    const spawn = async () => {
      const { id } = await spawnAgent(ledger, swarmId, { type: 'coder', capabilities });
      spawned += 1;
      await terminateAgent(ledger, swarmId, id);
    };
    await expect(
      (async () => {
        while (spawned < 50) await spawn();
      })(),
    ).rejects.toMatchObject({ code: 'limit_exceeded', message: expect.stringMatching(/STORAGE_PER_SWARM/) });
    expect(spawned).toBeGreaterThan(2);
    expect(await textBytes(swarmId)).toBeGreaterThan(before + spawned * 3_500);
    expect(await textBytes(swarmId)).toBeLessThan(20_000);
  });

  test('has an end: turns, files and tasks beyond it are refused with a sentence, and what is there stays', async () => {
    const { swarmId, task } = await running();
    const file = (bytes: number) => ({
      path: 'a.txt',
      mode: 0o644,
      content: Buffer.alloc(bytes, String(bytes)),
    });
    await storeArtifact(ledger, task, file(120_000), true);
    const refused = {
      code: 'artifact_too_large',
      message: expect.stringMatching(/STORAGE_PER_SWARM.*Split the work/),
    };
    await expect(storeArtifact(ledger, task, file(90_000), true)).rejects.toMatchObject(refused);
    await appendJournal(ledger, task, 0, turn('x'.repeat(60_000)));
    await expect(appendJournal(ledger, task, 1, turn('y'.repeat(60_000)))).rejects.toMatchObject(refused);
    const large = { ...graph({ x: [] })[0], description: 'd'.repeat(60_000) } as never;
    await expect(addTask(ledger, swarmId, large)).rejects.toMatchObject({
      code: 'limit_exceeded',
      message: expect.stringMatching(/STORAGE_PER_SWARM/),
    });
    // The work that was paid for is kept all the same.
    await completeTask(ledger, task, result('r'.repeat(50_000)), {});
    expect(await ledger.redis.hlen(ledger.keys.swarm(swarmId, 'results'))).toBe(1);
  });
});
