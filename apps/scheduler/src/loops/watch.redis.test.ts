import { taskJobId } from '@claude-flow/core/domain/ids';
import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { QUEUE_NAMES } from '@claude-flow/core/queue/names';
import { JOB_LOCK_MS, TASK_LEASE_MS } from '@claude-flow/core/runtime/tunables';
import { completeTask } from '@claude-flow/core/store/completions';
import { startSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, heartbeatTask, reclaimTask, type TaskClaim } from '@claude-flow/core/store/tasks';
import { listWorkers, registerWorker, workerConnectionName } from '@claude-flow/core/store/workers';
import { waitFor } from '@claude-flow/testing/wait-for';
import { Worker } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, startBench } from '../test/bench.ts';
import { createWorkerWatch, type WorkerWatch } from './watch/watch-workers.ts';
import { startWatchLoop } from './watch-loop.ts';

let bench: Bench;
let watch: WorkerWatch;
let numbered = 0;
beforeAll(async () => {
  bench = await startBench({ ownServer: true });
});
afterAll(() => bench?.close());
beforeEach(async () => {
  await bench.ledger.redis.del(bench.ledger.keys.workers, bench.ledger.keys.lock('watch'));
  // No grace after a start: this server and its connections are young.
  watch = createWorkerWatch(bench, 0);
});

const SOON = { deadlineMs: 10_000 };

/** A registered worker with a connection of its name. */
async function connectWorker() {
  numbered += 1;
  const workerId = `w${numbered}`;
  const connection = bench.connect(workerConnectionName(workerId));
  await connection.ping();
  await registerWorker(bench.ledger, { workerId, concurrency: 1 });
  return {
    workerId,
    connection,
    async vanish() {
      connection.disconnect();
      await waitFor(async () => !(await connectedNames()).includes(workerConnectionName(workerId)), {
        ...SOON,
        what: 'Redis to see the connection closed',
      });
    },
  };
}
const connectedNames = async () =>
  String(await bench.ledger.redis.call('CLIENT', 'LIST'))
    .split('\n')
    .map((line) => / name=(\S*)/.exec(line)?.[1]);

async function dispatched(): Promise<string> {
  const swarmId = await bench.createPlanned({ a: [] });
  await startSwarm(bench.ledger, swarmId);
  await bench.emptyQueue();
  await dispatchSwarm(bench, swarmId);
  return swarmId;
}
async function runningAt(workerId: string): Promise<TaskClaim> {
  const swarmId = await dispatched();
  const wish = { swarmId, taskId: 'task_001', attempt: 1, token: `${swarmId}-1`, workerId };
  const claimed = await claimTask(bench.ledger, wish);
  if (!claimed.claimed) throw new Error(claimed.why);
  return claimed.claim;
}
const state = (claim: TaskClaim) => bench.task(claim.swarmId, claim.taskId);
const RESULT = { summary: 's', decisions: [], output: 'o', openQuestions: [], artifacts: [], quality: null };

describe('a worker whose connection is gone', () => {
  it('loses its tasks at the second look, long before its lease ends, and is forgotten', async () => {
    const worker = await connectWorker();
    const claim = await runningAt(worker.workerId);
    await worker.vanish();
    await watch.look();
    expect(await state(claim)).toMatchObject({ status: 'running', attempt: 1 });
    await watch.look();
    expect(await state(claim)).toMatchObject({ status: 'queued', attempt: 2, crashes: 1 });
    expect(await bench.queues.task.getJobState(taskJobId(claim.swarmId, claim.taskId, 2))).toBe(
      'prioritized',
    );
    expect(await bench.verdicts('worker-gone')).toBe(1);
    expect(await listWorkers(bench.ledger)).toEqual([]);
    await expect(completeTask(bench.ledger, claim, RESULT, {})).rejects.toMatchObject({ code: 'fenced' });
  });

  it('loses a delivery that it never claimed', async () => {
    await bench.queues.task.drain();
    const swarmId = await dispatched();
    const worker = await connectWorker();
    const dying = new Worker(QUEUE_NAMES.task, null, {
      connection: bench.connect('dying'),
      prefix: bench.ledger.keys.queuePrefix,
      name: worker.workerId,
      skipVersionCheck: true,
      lockDuration: JOB_LOCK_MS,
    });
    const job = await dying.getNextJob('dying', { block: false });
    expect(job?.id).toBe(taskJobId(swarmId, 'task_001', 1));
    await worker.vanish();
    await watch.look();
    await watch.look();
    expect(await bench.task(swarmId, 'task_001')).toMatchObject({ status: 'queued', attempt: 2, crashes: 0 });
    expect(await bench.queues.task.getJobState(taskJobId(swarmId, 'task_001', 2))).toBe('prioritized');
    // Its place in a capped fleet is free.
    expect(await bench.queues.task.getJobState(taskJobId(swarmId, 'task_001', 1))).toBe('unknown');
    await dying.close(true);
  });

  it('keeps the tasks of others', async () => {
    const [lost, alive] = [await connectWorker(), await connectWorker()];
    const [theirs, others] = [await runningAt(lost.workerId), await runningAt(alive.workerId)];
    await lost.vanish();
    await watch.look();
    await watch.look();
    expect((await state(theirs)).status).toBe('queued');
    expect(await state(others)).toMatchObject({ status: 'running', attempt: 1 });
    expect((await listWorkers(bench.ledger)).map((one) => one.workerId)).toEqual([alive.workerId]);
  });
});

describe('a worker that lives', () => {
  it('race: reconnects between two looks, and keeps its task', async () => {
    const worker = await connectWorker();
    const claim = await runningAt(worker.workerId);
    for (let round = 0; round < 3; round += 1) {
      await worker.vanish();
      await watch.look();
      await worker.connection.connect();
      await worker.connection.ping();
      await watch.look();
    }
    expect(await state(claim)).toMatchObject({ status: 'running', attempt: 1, crashes: 0 });
    expect(await heartbeatTask(bench.ledger, claim)).toBe('ok');
  });

  it('race: a heartbeat that came after the first miss holds the task against the reclaim', async () => {
    const worker = await connectWorker();
    const claim = await runningAt(worker.workerId);
    await worker.vanish();
    await watch.look();
    // Over a connection that bears no name, and later than the look by Redis's clock.
    const [seconds, micros] = await bench.ledger.redis.time();
    const lookedBefore = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
    await waitFor(
      async () => {
        await heartbeatTask(bench.ledger, claim);
        return (await leaseOf(claim)) > lookedBefore + TASK_LEASE_MS;
      },
      { ...SOON, what: 'a later lease' },
    );
    await watch.look();
    expect(await state(claim)).toMatchObject({ status: 'running', attempt: 1 });
  });

  it('race: reclaim by "gone" against a heartbeat: the task is its worker’s or is not, never both', async () => {
    for (let round = 0; round < 15; round += 1) {
      const claim = await runningAt('racing');
      const missedAt = (await leaseOf(claim)) - TASK_LEASE_MS;
      const [beat, reclaimed] = await Promise.all([
        heartbeatTask(bench.ledger, claim),
        reclaimTask(bench.ledger, { ...claim, missedAt }),
      ]);
      if (reclaimed === undefined) expect(beat).toBe('ok');
      const after = await heartbeatTask(bench.ledger, claim);
      expect(after).toBe(reclaimed === undefined ? 'ok' : 'fenced');
    }
  });

  it('is not taken for dead while everybody still comes back', async () => {
    const cautious = createWorkerWatch(bench, 3_600_000);
    const worker = await connectWorker();
    const claim = await runningAt(worker.workerId);
    await worker.vanish();
    for (let i = 0; i < 3; i += 1) await cautious.look();
    expect(await state(claim)).toMatchObject({ status: 'running', attempt: 1 });
    await cautious.end();
  });
});

describe('several schedulers', () => {
  it('take a lost worker’s tasks once; when the one that watches dies, another does', async () => {
    const worker = await connectWorker();
    const claims: TaskClaim[] = [];
    for (const _ of [1, 2, 3]) claims.push(await runningAt(worker.workerId));
    const loops = [startWatchLoop(bench, 20, 0), startWatchLoop(bench, 20, 0)];
    try {
      await worker.vanish();
      for (const claim of claims)
        await waitFor(async () => (await state(claim)).attempt === 2, { ...SOON, what: 'the reclaim' });
      // The holder of the lock ends; nobody else need wait for it to run out.
      await loops[0]?.stop();
      const next = await connectWorker();
      const claim = await runningAt(next.workerId);
      await next.vanish();
      await waitFor(async () => (await state(claim)).attempt === 2, { ...SOON, what: 'the second reclaim' });
      for (const each of [...claims, claim]) expect((await state(each)).crashes).toBe(1);
    } finally {
      await Promise.all(loops.map((loop) => loop.stop()));
    }
  });

  it('both looking at once without a lock do no harm', async () => {
    const worker = await connectWorker();
    const claim = await runningAt(worker.workerId);
    await worker.vanish();
    const other = createWorkerWatch(bench, 0);
    const { redis, keys } = bench.ledger;
    for (const each of [watch, other]) {
      await redis.del(keys.lock('watch'));
      await each.look();
    }
    await redis.del(keys.lock('watch'));
    await Promise.all([watch.look(), redis.del(keys.lock('watch')).then(() => other.look())]);
    expect(await state(claim)).toMatchObject({ attempt: 2, crashes: 1 });
  });
});

it('says once that it cannot see the connections, goes on with leases, and forgets who is long gone', async () => {
  const { redis, keys } = bench.ledger;
  await redis.call('ACL', 'SETUSER', 'managed', 'on', '>secret', '~*', '&*', '+@all', '-client');
  const managed = bench.connect('managed');
  await managed.call('AUTH', 'managed', 'secret');
  const warnings: unknown[] = [];
  const log = Object.assign(bench.log.child({}), { warn: (fields: unknown) => warnings.push(fields) });
  const blind = createWorkerWatch({ ...bench, log, ledger: { ...bench.ledger, redis: managed } }, 0);
  const worker = await connectWorker();
  const claim = await runningAt(worker.workerId);
  await worker.vanish();
  const old = { workerId: 'old', concurrency: 1, startedAt: 1, lastSeenAt: 1 };
  await redis.hset(keys.workers, 'old', JSON.stringify(old));
  for (let i = 0; i < 3; i += 1) await blind.look();
  expect(warnings).toMatchObject([{ event: 'watch.blind' }]);
  expect(await state(claim)).toMatchObject({ status: 'running', attempt: 1 });
  expect((await listWorkers(bench.ledger)).map((one) => one.workerId)).toEqual([worker.workerId]);
});

const leaseOf = async (claim: TaskClaim) =>
  Number(await bench.ledger.redis.zscore(bench.ledger.keys.swarm(claim.swarmId, 'running'), claim.taskId));
