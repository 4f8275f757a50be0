import { startTestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { type Job, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { graph, newSwarm, openLedger, plan, result } from '../../test/ledger-fixture.ts';
import type { TaskJob } from '../contracts/jobs.ts';
import { newSwarmId } from '../domain/ids.ts';
import { queueKey } from '../redis/keys.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { QUEUE_SHORT_AT_LEAST } from '../runtime/tunables.ts';
import { completeTask } from '../store/completions.ts';
import type { Ledger } from '../store/ledger.ts';
import { getSwarm, startSwarm, stopSwarm } from '../store/swarms.ts';
import { claimTask } from '../store/tasks.ts';
import { admit } from './admission.ts';
import { dispatchSwarm, takeTurns, waitsForTurn } from './dispatcher.ts';
import { createQueues, type Queues } from './queues.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
let queues: Queues;
let hands: Worker;
const metrics = createMetrics('test');
const deps = () => ({ ledger, queues });
const closers: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  ledger = await openLedger(redis.url, `${redis.prefix}-${Math.random().toString(36).slice(2)}`);
  queues = newQueues();
  // Nothing in the background: these tests take turns themselves.
  await queues.taker.close();
  hands = new Worker('task', null, {
    connection: ledger.redis,
    prefix: ledger.keys.queuePrefix,
    name: 'hands',
    skipVersionCheck: true,
    removeOnComplete: { count: 0 },
  });
});
afterEach(async () => {
  await hands.close(true);
  for (const close of closers.splice(0)) await close();
  ledger.redis.disconnect();
});

function newQueues(): Queues {
  const made = createQueues(ledger.redis, ledger.keys.queuePrefix, () => undefined, metrics);
  closers.push(() => made.close());
  return made;
}
const wide = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, [] as string[]]));
/** Ids rise with `age` from one second to the next, so that the order among them is known. */
async function started(owner: string, edges: Record<string, string[]> = { a: [] }, age?: number) {
  const over = { owner, maxAgents: 50, ...(age === undefined ? {} : { id: newSwarmId(age * 1_000) }) };
  const swarmId = await newSwarm(ledger, over);
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  return swarmId;
}
async function many(count: number, owner: string): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const page = Array.from({ length: Math.min(100, count - ids.length) }, () => started(owner));
    ids.push(...(await Promise.all(page)));
  }
  return ids;
}
const waiting = () => ledger.redis.zcard(queueKey(ledger.keys.queuePrefix, 'waiting'));

/** The next job as BullMQ hands it out, in the hands of a worker. */
async function takeJob(): Promise<Job<TaskJob> | undefined> {
  return (await hands.getNextJob('hands', { block: false })) as Job<TaskJob> | undefined;
}
/** What a worker does with a job, but for the agent. */
async function finish(job: Job<TaskJob>): Promise<void> {
  const { swarmId } = job.data;
  const claimed = await claimTask(ledger, { ...job.data, token: job.id ?? '', workerId: 'hands' });
  if (claimed.claimed) await completeTask(ledger, claimed.claim, result('x'), {});
  await job.moveToCompleted('x', 'hands', false);
  await dispatchSwarm(deps(), swarmId);
}
/** Takes a job, sees to those who wait, and does it: one after the other, so the order is the queue's. */
async function work(count: number): Promise<string[]> {
  const order: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const job = await takeJob();
    if (job === undefined) break;
    await takeTurns(deps());
    order.push(job.data.swarmId);
    await finish(job);
  }
  return order;
}

test('behind a thousand swarms of one owner, the one of another is among the next ten', async () => {
  const crowd = await many(1_000, 'crowd');
  for (const id of crowd) await dispatchSwarm(deps(), id);
  expect(await queues.task.count()).toBe(QUEUE_SHORT_AT_LEAST);
  expect(await waiting()).toBe(1_000 - QUEUE_SHORT_AT_LEAST);
  const small = await started('small');
  expect(await dispatchSwarm(deps(), small)).toBe(0);
  expect(await waitsForTurn(deps(), small)).toBe(true);
  const order = await work(QUEUE_SHORT_AT_LEAST + 2);
  expect(order).toContain(small);
  expect((await getSwarm(ledger, small))?.status).toBe('completed');
  expect(await queues.task.count()).toBeLessThanOrEqual(QUEUE_SHORT_AT_LEAST);
});

test('many dispatchers at once do not make it longer', async () => {
  const crowd = await many(200, 'crowd');
  const processes = [newQueues(), newQueues(), newQueues(), newQueues()];
  let most = 0;
  const count = async () => {
    most = Math.max(most, await queues.task.count());
  };
  await Promise.all(
    crowd.map(async (id, i) => {
      await dispatchSwarm({ ledger, queues: processes[i % 4] ?? queues }, id);
      await count();
    }),
  );
  await waitFor(async () => (await queues.task.count()) >= QUEUE_SHORT_AT_LEAST, {
    deadlineMs: 5_000,
    what: 'a full queue',
  });
  await Promise.all(processes.map((each) => takeTurns({ ledger, queues: each })));
  await count();
  expect(most).toBe(QUEUE_SHORT_AT_LEAST);
  // And nobody is left behind.
  const done = new Set<string>();
  while (done.size < crowd.length) {
    const page = await work(20);
    for (const id of page) done.add(id);
    if (page.length === 0) await takeTurns(deps());
  }
  expect(await waiting()).toBe(0);
});

test('owners get equal shares, whether they have many swarms or one wide one', async () => {
  const owners = new Map<string, string>();
  const note = (owner: string, ids: string[]) => {
    for (const id of ids) owners.set(id, owner);
  };
  note('many', await many(40, 'many'));
  note('wide', [await started('wide', wide(40))]);
  note('wider', [await started('wider', wide(45))]);
  for (const id of owners.keys()) await dispatchSwarm(deps(), id);
  const order = await work(60);
  expect(order).toHaveLength(60);
  // The first to come had the whole queue.
  const later = order.slice(QUEUE_SHORT_AT_LEAST).map((id) => owners.get(id));
  const shares = ['many', 'wide', 'wider'].map((owner) => later.filter((one) => one === owner).length);
  expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(2);
});

test('within an owner the oldest swarm comes first, and a swarm waits once however often it asks', async () => {
  const filler = await started('a', wide(QUEUE_SHORT_AT_LEAST));
  await dispatchSwarm(deps(), filler);
  await takeTurns(deps());
  const [young, old, middle] = [
    await started('a', { a: [] }, 1_900_000_300),
    await started('a', { a: [] }, 1_900_000_100),
    await started('a', { a: [] }, 1_900_000_200),
  ];
  for (const id of [young, old, middle, young, old]) await dispatchSwarm(deps(), id);
  expect(await waiting()).toBe(3);
  const order = await work(QUEUE_SHORT_AT_LEAST + 3);
  expect(order.slice(QUEUE_SHORT_AT_LEAST)).toEqual([old, middle, young]);
});

test('a taker that dies loses nothing: what it took is registered again, and its room comes back', async () => {
  const swarmId = await started('a', wide(20));
  await dispatchSwarm(deps(), swarmId);
  await takeTurns(deps());
  expect(await waitsForTurn(deps(), swarmId)).toBe(true);
  for (let i = 0; i < 3; i += 1) await (await takeJob())?.moveToCompleted('x', 'hands', false);
  // A process asks, is given turns, and dies.
  const lost = await admit(queues, {});
  expect(lost.turns).toEqual([{ owner: expect.any(String), swarmId, units: 3 }]);
  expect(await waitsForTurn(deps(), swarmId)).toBe(false);
  // The sweep finds ready tasks that nobody queued.
  expect(await dispatchSwarm(deps(), swarmId)).toBe(0);
  expect(await waitsForTurn(deps(), swarmId)).toBe(true);
  await waitFor(
    async () => {
      await takeTurns(deps());
      return (await queues.task.count()) === QUEUE_SHORT_AT_LEAST;
    },
    { deadlineMs: 5_000, what: 'the lost grant to end' },
  );
});

test('a ring that is damaged is mended by asking again', async () => {
  const swarmId = await started('a', wide(20));
  await dispatchSwarm(deps(), swarmId);
  await takeTurns(deps());
  await ledger.redis.del(queueKey(ledger.keys.queuePrefix, 'turns'));
  // The sweep sees ready tasks that wait for nothing, and asks.
  expect(await waitsForTurn(deps(), swarmId)).toBe(false);
  await dispatchSwarm(deps(), swarmId);
  expect(await waitsForTurn(deps(), swarmId)).toBe(true);
  await work(20);
  expect((await getSwarm(ledger, swarmId))?.status).toBe('completed');
});

test('who asks while a turn of the same swarm is under way is not forgotten', async () => {
  const swarmId = await started('a', wide(20));
  await dispatchSwarm(deps(), swarmId);
  await takeTurns(deps());
  await (await takeJob())?.moveToCompleted('x', 'hands', false);
  const taken = await admit(queues, {});
  expect(taken.turns).toHaveLength(1);
  await dispatchSwarm(deps(), swarmId);
  // The turn ends without more to do, as far as its taker saw.
  await admit(queues, { release: taken.grant, take: false });
  expect(await waitsForTurn(deps(), swarmId)).toBe(true);
});

test('swarms that ended while they waited cost a look, not a place', async () => {
  const filler = await started('a', wide(QUEUE_SHORT_AT_LEAST));
  await dispatchSwarm(deps(), filler);
  await takeTurns(deps());
  const dead = await many(60, 'a');
  const alive = await started('b');
  for (const id of [...dead, alive]) await dispatchSwarm(deps(), id);
  expect(await waiting()).toBe(61);
  for (const id of dead) await stopSwarm(ledger, id, { reason: 'stopped', message: 'x' });
  expect((await work(QUEUE_SHORT_AT_LEAST + 1)).at(-1)).toBe(alive);
  expect(await waiting()).toBe(0);
});

test('the queue grows with the fleet, and a worker that sleeps beside a job is woken', async () => {
  const swarmId = await started('a', wide(50));
  await dispatchSwarm(deps(), swarmId);
  for (let i = 0; i < 80; i += 1) {
    const job = await queues.task.add('run', { swarmId: 's', taskId: 't', attempt: 1 });
    expect(job.id).toBeDefined();
  }
  for (let i = 0; i < 80; i += 1) await takeJob();
  await takeTurns(deps());
  expect(await queues.task.getActiveCount()).toBe(80);
  expect(await queues.task.count()).toBe(10);
  const marker = queueKey(ledger.keys.queuePrefix, 'taskMarker');
  await ledger.redis.del(marker);
  await takeTurns(deps());
  expect(await ledger.redis.exists(marker)).toBe(0);
  await queues.task.setGlobalConcurrency(80);
  await takeTurns(deps(), true);
  expect(await ledger.redis.exists(marker)).toBe(0);
  await queues.task.setGlobalConcurrency(81);
  await takeTurns(deps(), true);
  expect(await ledger.redis.exists(marker)).toBe(1);
});

test('it is counted who went at once and who in turn', async () => {
  metrics.turns.reset();
  const [first, second] = [await started('a', wide(QUEUE_SHORT_AT_LEAST)), await started('b')];
  await dispatchSwarm(deps(), first);
  await takeTurns(deps());
  await dispatchSwarm(deps(), second);
  await work(1);
  const { values } = await metrics.turns.get();
  const count = (how: string) => values.find(({ labels }) => labels['how'] === how)?.value;
  expect(count('at-once')).toBe(1);
  expect(count('in-turn')).toBeGreaterThanOrEqual(2);
});
