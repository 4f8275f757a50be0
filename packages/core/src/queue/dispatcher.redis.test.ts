import { startTestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  DIAMOND,
  graph,
  newSwarm,
  newSwarmRecord,
  openLedger,
  plan,
  result,
} from '../../test/ledger-fixture.ts';
import { expectSound } from '../../test/ledger-invariants.ts';
import { type TaskJob, taskJobSchema } from '../contracts/jobs.ts';
import { createRedis } from '../redis/connect.ts';
import { queueKey } from '../redis/keys.ts';
import { completeTask } from '../store/completions.ts';
import type { Ledger } from '../store/ledger.ts';
import { getSwarm, startSwarm } from '../store/swarms.ts';
import { claimTask, dispatchTasks, failTask } from '../store/tasks.ts';
import { taskJobState } from './backlog.ts';
import { type Consumer, consume } from './consumer.ts';
import { createAndDispatch, dispatchSwarm, enqueuePlan, enqueueTasks, takeTurnsSoon } from './dispatcher.ts';
import { createQueues, type Queues } from './queues.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
let queues: Queues;
const errors: unknown[] = [];
const consumers: { consumer: Consumer; disconnect(): void }[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  ledger = await openLedger(redis.url, `${redis.prefix}-${Math.random().toString(36).slice(2)}`);
  queues = createQueues(ledger.redis, ledger.keys.queuePrefix, (error) => errors.push(error));
  errors.length = 0;
});
afterEach(async () => {
  for (const { consumer, disconnect } of consumers.splice(0)) {
    await consumer.close();
    disconnect();
  }
  await queues.close();
  ledger.redis.disconnect();
});

function worker(handle: (job: TaskJob) => Promise<void>, concurrency = 10): void {
  const connection = createRedis({ url: redis.url, name: 'core-test-worker', mode: 'patient' });
  const consumer = consume({
    queue: 'task',
    prefix: ledger.keys.queuePrefix,
    redis: connection,
    schema: taskJobSchema,
    concurrency,
    handle,
    onError: (error) => errors.push(error),
  });
  consumers.push({ consumer, disconnect: () => connection.disconnect() });
}

async function started(edges: Record<string, string[]>): Promise<string> {
  const swarmId = await newSwarm(ledger, { maxAgents: 50 });
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  return swarmId;
}

const completed = (swarmId: string) =>
  waitFor(async () => (await getSwarm(ledger, swarmId))?.status === 'completed', {
    deadlineMs: 15_000,
    what: `${swarmId} completes`,
  });

/** What a worker process does, without an agent. */
async function work(job: TaskJob): Promise<void> {
  const claimed = await claimTask(ledger, { ...job, token: `${job.taskId}-${job.attempt}`, workerId: 'w' });
  if (!claimed.claimed) return;
  await completeTask(ledger, claimed.claim, result(job.taskId), {});
  await dispatchSwarm({ ledger, queues }, job.swarmId);
}

test('a diamond runs through BullMQ to the end, and leaves no job behind', async () => {
  worker(work);
  const swarmId = await started(DIAMOND);
  expect(await dispatchSwarm({ ledger, queues }, swarmId)).toBe(1);
  await completed(swarmId);
  await waitFor(async () => Object.values(await queues.task.getJobCounts()).every((count) => count === 0), {
    deadlineMs: 5_000,
    what: 'the queue is empty',
  });
  expect(errors).toEqual([]);
});

const callersPlan = (edges: Record<string, string[]>) =>
  ({ source: 'caller', degraded: false, summary: 'Mine', tasks: graph(edges) }) as const;
const create = (edges: Record<string, string[]>, id?: string, start = true) => {
  const record = newSwarmRecord({ maxAgents: 50, ...(id === undefined ? {} : { id }) });
  const { tasks, ...rest } = callersPlan(edges);
  const creation = createAndDispatch({ ledger, queues }, record, Date.now(), {
    plan: { ...rest, tasks },
    start,
  });
  return { id: record.id, creation };
};
const jobs = async () => (await queues.task.getJobs()).map(({ data }) => data.taskId).sort();

test('a swarm created with its plan and the wish to start has its first tasks queued in the same step', async () => {
  const { id, creation } = create({ a: [], b: [], c: ['a', 'b'] });
  const { created, status, sendOn } = await creation;
  expect([created, status]).toEqual([true, 'executing']);
  expect((await expectSound(ledger, id)).queued.size).toBe(2);
  await sendOn();
  expect(await jobs()).toEqual(['task_001', 'task_002']);
  expect(await ledger.redis.zcard(queueKey(ledger.keys.queuePrefix, 'granted'))).toBe(0);
  worker(work);
  await completed(id);
  await expectSound(ledger, id);
});

test('what is more than may go on at once waits for its turn', async () => {
  const { id, creation } = create(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`t${i}`, []])));
  await (await creation).sendOn();
  const { queued, ready } = await expectSound(ledger, id);
  expect(queued.size).toBeGreaterThan(0);
  expect(queued.size + ready.size).toBe(20);
  worker(async (job) => {
    await work(job);
    takeTurnsSoon({ ledger, queues });
  });
  await completed(id);
});

test('created twice at once, or not to be started: its tasks are queued once, or not at all', async () => {
  const one = create(DIAMOND);
  const two = create(DIAMOND, one.id);
  const made = await Promise.all([one.creation, two.creation]);
  expect(made.map(({ created }) => created).sort()).toEqual([false, true]);
  await Promise.all(made.map(({ sendOn }) => sendOn()));
  expect(await jobs()).toEqual(['task_001']);
  const resting = create(DIAMOND, undefined, false);
  const { status, sendOn } = await resting.creation;
  await sendOn();
  expect(status).toBe('ready');
  expect(await jobs()).toEqual(['task_001']);
  await expectSound(ledger, resting.id);
});

test('a job added twice and a job that comes late do no harm', async () => {
  const claims: boolean[] = [];
  const swarmId = await started({ a: [] });
  const { queued } = await dispatchTasks(ledger, swarmId, 10);
  await enqueueTasks(queues, queued);
  await enqueueTasks(queues, queued);
  expect(await queues.task.count()).toBe(1);
  const [first] = queued;
  if (first === undefined) throw new Error('nothing queued');
  worker(async (job) => {
    const claimed = await claimTask(ledger, { ...job, token: 't', workerId: 'w' });
    claims.push(claimed.claimed);
    if (claimed.claimed) await completeTask(ledger, claimed.claim, result('x'), {});
  });
  await completed(swarmId);
  await waitFor(async () => (await taskJobState(queues, first)) === 'missing', {
    deadlineMs: 5_000,
    what: 'job gone',
  });
  await enqueueTasks(queues, queued);
  await waitFor(() => claims.length === 2, { deadlineMs: 5_000, what: 'the late job was delivered' });
  expect(claims).toEqual([true, false]);
});

test('the state of an attempt’s job is told apart', async () => {
  const swarmId = await started({ a: [] });
  const [task] = (await dispatchTasks(ledger, swarmId, 10)).queued;
  if (task === undefined) throw new Error('nothing queued');
  expect(await taskJobState(queues, task)).toBe('missing');
  await enqueueTasks(queues, [task]);
  expect(await taskJobState(queues, task)).toBe('waiting');
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  worker(() => held);
  await waitFor(async () => (await taskJobState(queues, task)) === 'active', {
    deadlineMs: 5_000,
    what: 'active',
  });
  release();
});

test('a retry is woken at its time', async () => {
  const swarmId = await started({ a: [] });
  const [task] = (await dispatchTasks(ledger, swarmId, 10)).queued;
  if (task === undefined) throw new Error('nothing queued');
  const claimed = await claimTask(ledger, { ...task, token: 't', workerId: 'w' });
  if (!claimed.claimed) throw new Error('not claimed');
  await failTask(ledger, claimed.claim, { code: 'internal', message: 'x', retryable: true, delayMs: 60_000 });
  await dispatchSwarm({ ledger, queues }, swarmId);
  const [wake] = await queues.wake.getDelayed();
  expect(wake?.data).toEqual({ swarmId });
  expect(wake?.opts.delay).toBeGreaterThan(50_000);
});

test('a job of the wrong shape is reported and does not stop the consumer', async () => {
  const seen: string[] = [];
  worker(async (job) => void seen.push(job.taskId));
  await queues.task.add('run', { swarmId: 7 } as unknown as TaskJob);
  await queues.task.add('run', { swarmId: 's', taskId: 'task_001', attempt: 1 });
  await waitFor(() => seen.length === 1, { deadlineMs: 5_000, what: 'the good job was handled' });
  expect(errors).toHaveLength(1);
});

test('a plan asked for twice in the same round is one job', async () => {
  await enqueuePlan({ ledger, queues }, 'swarm_a_000000001');
  await enqueuePlan({ ledger, queues }, 'swarm_a_000000001');
  await enqueuePlan({ ledger, queues }, 'swarm_a_000000001', 'second');
  expect(await queues.plan.count()).toBe(2);
});

test('more ready tasks than agents are all run', async () => {
  const edges = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`t${i}`, [] as string[]]));
  const swarmId = await started(edges);
  worker(work, 5);
  await dispatchSwarm({ ledger, queues }, swarmId);
  await completed(swarmId);
});
