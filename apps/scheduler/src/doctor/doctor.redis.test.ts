import { batchOfEvent } from '@claude-flow/core/contracts/event-batch';
import { NEVER_STARTED_MS } from '@claude-flow/core/domain/stale';
import { FINISHED_SWARM_TTL_S } from '@claude-flow/core/runtime/tunables';
import { completeTask } from '@claude-flow/core/store/completions';
import { eventsOf } from '@claude-flow/core/store/events';
import { appendJournal } from '@claude-flow/core/store/journal';
import { getSwarm, pauseSwarm, retireSwarm, startSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, dispatchTasks, failTask, type TaskClaim } from '@claude-flow/core/store/tasks';
import { registerWorker } from '@claude-flow/core/store/workers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { walkStep } from '../loops/walk/walk-keys.ts';
import { type Bench, startBench } from '../test/bench.ts';
import { examine } from './examine.ts';
import { describe as inWords } from './found.ts';
import { treat } from './treat.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ ownServer: true });
});
afterAll(() => bench?.close());
/** The young connections of this test count, and the second look comes at once. */
const options = { reconnectGraceMs: 0, confirmAfterMs: 0 };

beforeEach(async () => {
  await bench.ledger.redis.flushall();
});
afterEach(async () => {
  expect(await examine(bench, options)).toEqual([]);
});

const RESULT = { summary: 's', decisions: [], output: 'o', openQuestions: [], artifacts: [], quality: null };
const key = (swarmId: string, name: Parameters<typeof bench.ledger.keys.swarm>[1], taskId?: string) =>
  bench.ledger.keys.swarm(swarmId, name, taskId);

async function started(graph: Record<string, string[]> = { a: [], b: ['a'] }): Promise<string> {
  const swarmId = await bench.createPlanned(graph);
  await startSwarm(bench.ledger, swarmId);
  return swarmId;
}
async function running(swarmId: string, workerId = 'w', leaseMs = 60_000): Promise<TaskClaim> {
  const { queued } = await dispatchTasks(bench.ledger, swarmId, 1);
  const [task] = queued;
  if (task === undefined) throw new Error('nothing to run');
  const claimed = await claimTask(bench.ledger, { ...task, token: `t-${swarmId}`, workerId, leaseMs });
  if (!claimed.claimed) throw new Error(claimed.why);
  return claimed.claim;
}
const verdicts = async () => (await examine(bench, options)).map((found) => inWords(found).verdict);

/** Each plants one fault and says how to see that it is mended. */
const faults: [verdict: string, plant: () => Promise<() => Promise<unknown>>][] = [
  [
    'lease-expired',
    async () => {
      const swarmId = await started();
      const claim = await running(swarmId);
      await bench.ledger.redis.zadd(key(swarmId, 'running'), 1, claim.taskId);
      return async () =>
        expect(await bench.task(swarmId, 'task_001')).toMatchObject({ attempt: 2, crashes: 1 });
    },
  ],
  [
    'worker-gone',
    async () => {
      const swarmId = await started();
      await running(swarmId, 'lost');
      await registerWorker(bench.ledger, { workerId: 'lost', concurrency: 1 });
      // Its lease is as old as a worker's that has been missed for a moment.
      await bench.ledger.redis.zadd(key(swarmId, 'running'), Date.now() + 9_000, 'task_001');
      return async () => {
        expect(await bench.task(swarmId, 'task_001')).toMatchObject({ attempt: 2, crashes: 1 });
        expect(await bench.ledger.redis.hlen(bench.ledger.keys.workers)).toBe(0);
      };
    },
  ],
  [
    'job-missing',
    async () => {
      const swarmId = await started();
      await dispatchTasks(bench.ledger, swarmId, 1);
      const task = { ...(await bench.task(swarmId, 'task_001')), queuedAt: Date.now() - 60_000 };
      await bench.ledger.redis.hset(key(swarmId, 'tasks'), 'task_001', JSON.stringify(task));
      await bench.ledger.redis.zadd(key(swarmId, 'queued'), task.queuedAt, 'task_001');
      return async () => expect(await bench.queues.task.count()).toBe(1);
    },
  ],
  [
    'never-queued',
    async () => {
      const swarmId = await started();
      return async () => expect(await bench.task(swarmId, 'task_001')).toMatchObject({ status: 'queued' });
    },
  ],
  [
    'retry-due',
    async () => {
      const swarmId = await started();
      const failure = { code: 'internal', message: 'm', retryable: true, delayMs: 0 } as const;
      await failTask(bench.ledger, await running(swarmId), failure);
      return async () => expect(await bench.task(swarmId, 'task_001')).toMatchObject({ attempt: 2 });
    },
  ],
  [
    'deadline-passed',
    async () => {
      const swarmId = await started();
      await running(swarmId);
      await bench.ledger.redis.hset(key(swarmId, 'meta'), 'deadlineAt', 1);
      return async () => expect(await getSwarm(bench.ledger, swarmId)).toMatchObject({ reason: 'timeout' });
    },
  ],
  [
    'plan-lost',
    async () => {
      const swarmId = await bench.createSwarm();
      await startSwarm(bench.ledger, swarmId);
      return async () => expect(await bench.queues.plan.count()).toBe(1);
    },
  ],
  [
    'never-started',
    async () => {
      const swarmId = await bench.createPlanned({ a: [] });
      const { redis } = bench.ledger;
      const [newest] = await redis.xrevrange(key(swarmId, 'events'), '+', '-', 'COUNT', 1);
      const event = eventsOf(newest?.[1] ?? []).at(-1) ?? expect.fail('there is no event');
      // As if everything had happened more than a day ago.
      const aged = batchOfEvent({ ...event, at: event.at - NEVER_STARTED_MS - 1 });
      await redis.del(key(swarmId, 'events'));
      await redis.xadd(key(swarmId, 'events'), `${event.seq}-0`, 'e', aged);
      return async () =>
        expect(await getSwarm(bench.ledger, swarmId)).toMatchObject({
          status: 'stopped',
          message: expect.stringContaining('24 hours'),
        });
    },
  ],
  [
    'unsettled',
    async () => {
      const swarmId = await started({ a: [] });
      const claim = await running(swarmId);
      await pauseSwarm(bench.ledger, swarmId);
      await bench.ledger.redis.hset(
        key(swarmId, 'tasks'),
        claim.taskId,
        JSON.stringify({ ...(await bench.task(swarmId, claim.taskId)), status: 'completed' }),
      );
      await bench.ledger.redis.del(key(swarmId, 'open'), key(swarmId, 'running'));
      return async () =>
        expect(await getSwarm(bench.ledger, swarmId)).toMatchObject({
          status: 'completed',
          counts: { completed: 1 },
        });
    },
  ],
  [
    'misplaced',
    async () => {
      const swarmId = await started();
      await bench.ledger.redis.del(key(swarmId, 'ready'));
      return async () => expect(await bench.task(swarmId, 'task_001')).toMatchObject({ status: 'queued' });
    },
  ],
  [
    'finished',
    async () => {
      const swarmId = await started();
      await stopSwarm(bench.ledger, swarmId, { reason: 'stopped', message: 'm' });
      return async () => expect(await bench.ledger.redis.ttl(key(swarmId, 'meta'))).toBeGreaterThan(0);
    },
  ],
  [
    'ghost',
    async () => {
      await bench.ledger.redis.zadd(bench.ledger.keys.activeSwarms, 1, 'swarm_old0_aaaaaaaaa');
      return async () => expect(await bench.ledger.redis.zcard(bench.ledger.keys.activeSwarms)).toBe(0);
    },
  ],
  [
    'ownerless',
    async () => {
      const journal = key('swarm_old0_aaaaaaaaa', 'journal', 'task_001');
      await bench.ledger.redis.rpush(journal, '{}');
      return async () => expect(await bench.ledger.redis.exists(journal)).toBe(0);
    },
  ],
  [
    'not-indexed',
    async () => {
      const swarmId = await started();
      await running(swarmId);
      await bench.ledger.redis.del(bench.ledger.keys.activeSwarms);
      return async () => {
        const { createdAt = 0 } = (await getSwarm(bench.ledger, swarmId)) ?? {};
        const score = await bench.ledger.redis.zscore(bench.ledger.keys.activeSwarms, swarmId);
        expect(Number(score)).toBe(createdAt);
      };
    },
  ],
  [
    'not-listed',
    async () => {
      const swarmId = await started();
      await running(swarmId);
      const list = bench.ledger.keys.ownerSwarms(bench.newSwarm.owner);
      await bench.ledger.redis.del(list);
      return async () => expect(await bench.ledger.redis.zrange(list, '0', '-1')).toEqual([swarmId]);
    },
  ],
  [
    'no-expiry',
    async () => {
      const swarmId = await started({ a: [] });
      const claim = await running(swarmId);
      await appendJournal(bench.ledger, claim, 0, { kind: 'turn.requested', turn: 1, attempt: 1 });
      await completeTask(bench.ledger, claim, RESULT, {});
      await retireSwarm(bench.ledger, swarmId, []);
      return async () => {
        const ttl = await bench.ledger.redis.ttl(key(swarmId, 'journal', 'task_001'));
        expect(ttl).toBeGreaterThan(FINISHED_SWARM_TTL_S - 60);
      };
    },
  ],
];

it.each(faults)('finds and mends: %s', async (verdict, plant) => {
  const mended = await plant();
  const before = await bench.ledger.redis.dbsize();
  expect(await verdicts()).toEqual([verdict]);
  expect(await bench.ledger.redis.dbsize()).toBe(before);
  const { found, left } = await treat(bench, options);
  expect(found.map((one) => inWords(one).verdict)).toContain(verdict);
  expect(left).toEqual([]);
  await mended();
});

it('finds nothing in a sound system, whatever state its swarms are in', async () => {
  await running(await started());
  const paused = await started();
  await running(paused);
  await pauseSwarm(bench.ledger, paused);
  const ended = await started({ a: [] });
  await completeTask(bench.ledger, await running(ended), RESULT, {});
  await retireSwarm(bench.ledger, ended, ['task_001']);
  await bench.createPlanned({ a: [], b: ['a'] });
  expect(await verdicts()).toEqual([]);
});

it('is what the slow walk does by itself, a step at a time, round after round', async () => {
  const lost = await started();
  await running(lost);
  const { redis, keys } = bench.ledger;
  await redis.del(keys.activeSwarms);
  await redis.rpush(key('swarm_old0_aaaaaaaaa', 'journal', 'task_001'), '{}');
  let steps = 0;
  do {
    await walkStep(bench, 5);
    steps += 1;
  } while ((await redis.get(keys.walkCursor)) !== '0');
  expect(steps).toBeGreaterThan(1);
  expect(await redis.zrange(keys.activeSwarms, '0', '-1')).toEqual([lost]);
  expect(await redis.exists(key('swarm_old0_aaaaaaaaa', 'journal', 'task_001'))).toBe(0);
});
