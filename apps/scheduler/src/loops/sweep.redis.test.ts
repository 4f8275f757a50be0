import { taskJobId } from '@claude-flow/core/domain/ids';
import { dispatchSwarm, takeTurns, waitsForTurn } from '@claude-flow/core/queue/dispatcher';
import { QUEUE_NAMES } from '@claude-flow/core/queue/names';
import { queueKey } from '@claude-flow/core/redis/keys';
import {
  FINISHED_SWARM_TTL_S,
  JOB_LOCK_MS,
  QUEUE_SHORT_AT_LEAST,
  SWEEP_BATCH,
} from '@claude-flow/core/runtime/tunables';
import { approvalId, askApproval, decideApproval } from '@claude-flow/core/store/approvals';
import { readLogs } from '@claude-flow/core/store/logs';
import { claimPlan } from '@claude-flow/core/store/plans';
import { getSwarm, startSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, dispatchTasks, failTask } from '@claude-flow/core/store/tasks';
import { registerWorker } from '@claude-flow/core/store/workers';
import { waitFor } from '@claude-flow/testing/wait-for';
import { Worker } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, startBench } from '../test/bench.ts';
import { sweepOnce } from './sweep/sweep.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench?.close());
beforeEach(async () => {
  // A sweep would add the jobs of earlier tests' swarms again.
  await bench.ledger.redis.del(bench.ledger.keys.activeSwarms);
  await bench.emptyQueue();
});

const LATER = { deadlineMs: 20_000 };
const jobState = (swarmId: string, taskId: string, attempt: number) =>
  bench.queues.task.getJobState(taskJobId(swarmId, taskId, attempt));
const claim = (swarmId: string, taskId: string, attempt: number, leaseMs?: number) =>
  claimTask(bench.ledger, {
    swarmId,
    taskId,
    attempt,
    token: `${taskId}-${attempt}`,
    workerId: 'w',
    ...(leaseMs === undefined ? {} : { leaseMs }),
  });

/** A started swarm of one task, dispatched with its job. */
async function dispatched(): Promise<string> {
  const swarmId = await bench.createPlanned({ a: [] });
  await startSwarm(bench.ledger, swarmId);
  await dispatchSwarm(bench, swarmId);
  return swarmId;
}

const graphOf = (tasks: number) =>
  Object.fromEntries(Array.from({ length: tasks }, (_, i) => [`t${i}`, [] as string[]]));

/** Sweeps until the condition holds. */
async function sweepUntil(what: string, condition: () => Promise<boolean>): Promise<void> {
  await waitFor(
    async () => {
      await sweepOnce(bench);
      return condition();
    },
    { ...LATER, what },
  );
}

describe('the sweep repairs', () => {
  it('a task whose worker is lost: another attempt is queued', async () => {
    const swarmId = await dispatched();
    await claim(swarmId, 'task_001', 1, 1);
    await sweepUntil(
      'the task to be queued again',
      async () => (await bench.task(swarmId, 'task_001')).attempt === 2,
    );
    expect(await bench.task(swarmId, 'task_001')).toMatchObject({
      status: 'queued',
      crashes: 1,
      failures: 0,
    });
    expect(await jobState(swarmId, 'task_001', 2)).toBe('prioritized');
    expect(await bench.verdicts('lease-expired')).toBe(1);
    const logs = await readLogs(bench.ledger, swarmId, { limit: 10, level: 'warn' });
    expect(logs).toMatchObject([{ source: 'scheduler', taskId: 'task_001' }]);
  });

  it('ready tasks that nobody queued', async () => {
    const swarmId = await bench.createPlanned({ a: [], b: [] });
    await startSwarm(bench.ledger, swarmId);
    await sweepOnce(bench);
    for (const id of ['task_001', 'task_002']) {
      expect((await bench.task(swarmId, id)).status).toBe('queued');
      expect(await jobState(swarmId, id, 1)).toBe('prioritized');
    }
    expect(await bench.verdicts('never-queued')).toBe(1);
  });

  it('a retry that nobody woke', async () => {
    const swarmId = await dispatched();
    const claimed = await claim(swarmId, 'task_001', 1);
    if (!claimed.claimed) throw new Error(claimed.why);
    const failure = { code: 'internal', message: 'It broke', retryable: true, delayMs: 0 } as const;
    await failTask(bench.ledger, claimed.claim, failure);
    await sweepUntil('the retry', async () => (await bench.task(swarmId, 'task_001')).attempt === 2);
    expect(await jobState(swarmId, 'task_001', 2)).toBe('prioritized');
    expect(await bench.verdicts('retry-due')).toBe(1);
  });

  it('a queued task whose job was never added', async () => {
    const swarmId = await bench.createPlanned({ a: [] });
    await startSwarm(bench.ledger, swarmId);
    await dispatchTasks(bench.ledger, swarmId, 10);
    await sweepUntil('the job', async () => (await jobState(swarmId, 'task_001', 1)) === 'prioritized');
    expect((await bench.task(swarmId, 'task_001')).attempt).toBe(1);
    expect(await bench.verdicts('job-missing')).toBe(1);
  });

  it('a queued task whose job was lost', async () => {
    const swarmId = await dispatched();
    await bench.queues.task.remove(taskJobId(swarmId, 'task_001', 1));
    await sweepUntil('the job', async () => (await jobState(swarmId, 'task_001', 1)) === 'prioritized');
    expect((await bench.task(swarmId, 'task_001')).attempt).toBe(1);
    expect((await claim(swarmId, 'task_001', 1)).claimed).toBe(true);
  });

  it('a delivery whose worker died before its claim: the next attempt number', async () => {
    await bench.queues.task.drain();
    const swarmId = await dispatched();
    // Takes the job as a worker does, and never does anything with it.
    const dying = new Worker(QUEUE_NAMES.task, null, {
      connection: bench.connect('dying'),
      prefix: bench.ledger.keys.queuePrefix,
      skipVersionCheck: true,
      lockDuration: JOB_LOCK_MS,
    });
    const job = await dying.getNextJob('dying', { block: false });
    expect(job?.id).toBe(taskJobId(swarmId, 'task_001', 1));
    await sweepOnce(bench);
    expect((await bench.task(swarmId, 'task_001')).attempt).toBe(1);
    await sweepUntil('the new attempt', async () => (await bench.task(swarmId, 'task_001')).attempt === 2);
    expect(await jobState(swarmId, 'task_001', 2)).toBe('prioritized');
    expect((await claim(swarmId, 'task_001', 1)).claimed).toBe(false);
    expect(await bench.verdicts('delivery-lost')).toBe(1);
    await dying.close(true);
  });

  it('the same when the clock of that worker was ahead', async () => {
    await bench.queues.task.drain();
    const swarmId = await dispatched();
    const dying = new Worker(QUEUE_NAMES.task, null, {
      connection: bench.connect('ahead'),
      prefix: bench.ledger.keys.queuePrefix,
      skipVersionCheck: true,
      lockDuration: JOB_LOCK_MS,
    });
    const job = await dying.getNextJob('dying', { block: false });
    const jobId = taskJobId(swarmId, 'task_001', 1);
    expect(job?.id).toBe(jobId);
    const key = queueKey(bench.ledger.keys.queuePrefix, 'job', jobId);
    await bench.ledger.redis.hset(key, 'processedOn', Date.now() + 600_000);
    await sweepUntil('the new attempt', async () => (await bench.task(swarmId, 'task_001')).attempt === 2);
    await dying.close(true);
  });

  it('the place of a worker that is lost without anybody seeing its connection', async () => {
    const [lost, silent] = [await dispatched(), await dispatched()];
    const take = async (name: string) => {
      const worker = new Worker(QUEUE_NAMES.task, null, {
        connection: bench.connect(name),
        prefix: bench.ledger.keys.queuePrefix,
        name,
        skipVersionCheck: true,
        lockDuration: JOB_LOCK_MS,
      });
      await worker.getNextJob(name, { block: false });
      return worker;
    };
    const workers = [await take('lost'), await take('alive')];
    await registerWorker(bench.ledger, { workerId: 'alive', concurrency: 1 });
    const ids = { swarmId: lost, taskId: 'task_001', attempt: 1, leaseMs: 1, trouble: '' };
    await claimTask(bench.ledger, { ...ids, token: 'lost', workerId: 'lost' });
    await claimTask(bench.ledger, { ...ids, swarmId: silent, token: 'alive', workerId: 'alive' });
    await sweepUntil(
      'both tasks to be queued again',
      async () =>
        (await bench.task(lost, 'task_001')).attempt + (await bench.task(silent, 'task_001')).attempt === 4,
    );
    expect(await jobState(lost, 'task_001', 1)).toBe('unknown');
    // One that still writes itself down may be back at any moment.
    expect(await jobState(silent, 'task_001', 1)).toBe('active');
    for (const worker of workers) await worker.close(true);
  });

  it('the turn of a swarm whose taker died; and leaves alone those who wait for theirs', async () => {
    const filler = await bench.createPlanned(graphOf(QUEUE_SHORT_AT_LEAST), { maxAgents: 20 });
    await startSwarm(bench.ledger, filler);
    await sweepUntil('a full queue', async () => {
      await takeTurns(bench);
      return (await bench.queues.task.count()) === QUEUE_SHORT_AT_LEAST;
    });
    const swarmId = await bench.createPlanned({ a: [] });
    await startSwarm(bench.ledger, swarmId);
    const before = await bench.verdicts('never-queued');
    expect(await waitsForTurn(bench, swarmId)).toBe(false);
    await sweepOnce(bench);
    expect(await waitsForTurn(bench, swarmId)).toBe(true);
    for (let round = 0; round < 3; round += 1) await sweepOnce(bench);
    expect((await bench.task(swarmId, 'task_001')).status).toBe('ready');
    expect(await bench.verdicts('never-queued')).toBe(before);
  });

  it('places among the started swarms whose swarms ended, or never began', async () => {
    const { redis, keys } = bench.ledger;
    const [ended, alive, never] = [await dispatched(), await dispatched(), 'swarm_gone_aaaaaaaaa'];
    for (const id of [ended, alive, never]) await redis.zadd(keys.startedSwarms, 1, id);
    await bench.ledger.scripts.run(
      redis,
      'stop',
      { swarmId: ended },
      { reason: 'stopped', message: 'Stopped on request.' },
    );
    await sweepOnce(bench);
    expect(await redis.zrange(keys.startedSwarms, '0', '-1')).toEqual([alive]);
    await redis.del(keys.startedSwarms);
  });

  it('a swarm past its deadline: failed with a sentence, and all workers are told', async () => {
    const swarmId = await bench.createPlanned({ a: [], b: ['a'] }, { timeoutMs: 1 });
    const heard: string[] = [];
    const subscriber = bench.connect('control');
    await subscriber.subscribe(bench.ledger.keys.controlChannel);
    subscriber.on('message', (_channel, text) => heard.push(text));
    await startSwarm(bench.ledger, swarmId);
    await sweepUntil('the end', async () => (await getSwarm(bench.ledger, swarmId))?.status === 'failed');
    const swarm = await getSwarm(bench.ledger, swarmId);
    expect(swarm).toMatchObject({ reason: 'timeout', message: expect.stringContaining('longer timeout') });
    expect((await bench.task(swarmId, 'task_002')).status).toBe('cancelled');
    await waitFor(() => heard.some((text) => text.includes(swarmId)), { ...LATER, what: 'the stop message' });
    expect(await bench.verdicts('deadline-passed')).toBe(1);
  });

  it('a swarm whose plan request was lost, once in a while', async () => {
    const swarmId = await bench.createSwarm();
    const requests = async () =>
      (await bench.queues.plan.getJobs(['wait', 'prioritized'])).filter(
        (job) => job.data.swarmId === swarmId,
      );
    await sweepOnce(bench);
    await sweepOnce(bench);
    expect(await requests()).toHaveLength(1);
    expect(await bench.verdicts('plan-lost')).toBe(1);
  });

  it('a swarm whose planner died: its lease is over', async () => {
    const swarmId = await bench.createSwarm();
    await claimPlan(bench.ledger, swarmId, 'dead', { leaseMs: 1 });
    const before = await bench.verdicts('plan-lost');
    await sweepUntil('the request', async () => (await bench.verdicts('plan-lost')) > before);
    const jobs = await bench.queues.plan.getJobs(['wait', 'prioritized']);
    expect(jobs.some((job) => job.data.swarmId === swarmId)).toBe(true);
  });

  it('entries without a swarm: dropped when old, kept when young', async () => {
    const { redis, keys } = bench.ledger;
    const [old, young] = ['swarm_old0_aaaaaaaaa', 'swarm_new0_aaaaaaaaa'];
    await redis.zadd(keys.activeSwarms, Date.now() - 120_000, old, Date.now(), young, 1, 'no swarm at all');
    await sweepOnce(bench);
    const left = await redis.zrange(keys.activeSwarms, '0', '-1');
    expect(left).not.toContain(old);
    expect(left).not.toContain('no swarm at all');
    expect(left).toContain(young);
    expect(await bench.verdicts('ghost')).toBe(2);
  });

  it('finished swarms leave the index and expire, however many pages there are', async () => {
    const { redis, keys } = bench.ledger;
    const count = 2 * SWEEP_BATCH + 30;
    const ids = await Promise.all(Array.from({ length: count }, () => bench.createPlanned({ a: [] })));
    // Two of three end, so that what leaves the index moves the pages.
    const ending = ids.filter((_, index) => index % 3 !== 0);
    for (const id of ending) await stopSwarm(bench.ledger, id, { reason: 'stopped', message: 'Enough.' });
    await sweepOnce(bench);
    const active = new Set(await redis.zrange(keys.activeSwarms, '0', '-1'));
    expect(ids.filter((id) => active.has(id))).toEqual(ids.filter((id) => !ending.includes(id)));
    for (const name of ['meta', 'tasks', 'events'] as const) {
      const ttl = await redis.ttl(keys.swarm(ending[0] ?? '', name));
      expect(ttl).toBeGreaterThan(FINISHED_SWARM_TTL_S - 60);
    }
  });
});

describe('the sweep does no harm', () => {
  it('leaves a task alone that waits for people, and sends it on once all is decided', async () => {
    const swarmId = await dispatched();
    const claimed = await claim(swarmId, 'task_001', 1, 1);
    if (!claimed.claimed) throw new Error(claimed.why);
    const wish = { kind: 'tool', turn: 1, callId: 'a', tool: 'write_file', input: {} } as const;
    await askApproval(bench.ledger, claimed.claim, [wish]);
    const before = await getSwarm(bench.ledger, swarmId);
    await sweepOnce(bench);
    expect(await getSwarm(bench.ledger, swarmId)).toEqual(before);
    expect(await bench.task(swarmId, 'task_001')).toMatchObject({
      status: 'waiting',
      attempt: 1,
      crashes: 0,
    });
    // Whoever decided was cut off before it could dispatch.
    const id = approvalId('task_001', wish);
    const yes = { approvalId: id, decision: 'approved', decidedBy: 'tester' } as const;
    await decideApproval(bench.ledger, swarmId, yes);
    await sweepOnce(bench);
    expect(await jobState(swarmId, 'task_001', 2)).toBe('prioritized');
  });

  it('leaves tasks alone that wait for a free agent', async () => {
    const swarmId = await bench.createPlanned({ a: [], b: [] }, { maxAgents: 1 });
    await startSwarm(bench.ledger, swarmId);
    await dispatchSwarm(bench, swarmId);
    const before = await bench.verdicts('never-queued');
    await sweepOnce(bench);
    expect((await bench.task(swarmId, 'task_002')).status).toBe('ready');
    expect(await bench.verdicts('never-queued')).toBe(before);
  });

  it('when two run at the same time', async () => {
    const graph = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`t${i}`, []]));
    const swarmId = await bench.createPlanned(graph, { maxAgents: 10 });
    await startSwarm(bench.ledger, swarmId);
    await dispatchSwarm(bench, swarmId);
    for (let i = 1; i <= 8; i += 1) await claim(swarmId, `task_${String(i).padStart(3, '0')}`, 1, 1);
    await bench.emptyQueue();
    await waitFor(
      async () => {
        await Promise.all([sweepOnce(bench), sweepOnce(bench), sweepOnce(bench)]);
        const retried = (await bench.events(swarmId)).filter((event) => event.type === 'task.retrying');
        return retried.length >= 8;
      },
      { ...LATER, what: 'all eight to be reclaimed' },
    );
    await Promise.all([sweepOnce(bench), sweepOnce(bench)]);
    const events = await bench.events(swarmId);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter((event) => event.type === 'task.retrying')).toHaveLength(8);
    const jobs = await bench.queues.task.getJobs(['prioritized']);
    const mine = jobs.filter((job) => job.data.swarmId === swarmId && job.data.attempt === 2);
    expect(new Set(mine.map((job) => job.data.taskId)).size).toBe(8);
    expect(mine).toHaveLength(8);
  });

  it('and one broken swarm does not keep it from the others', async () => {
    const { redis, keys } = bench.ledger;
    const broken = 'swarm_bad0_aaaaaaaaa';
    await redis.set(keys.swarm(broken, 'meta'), 'not a hash');
    await redis.zadd(keys.activeSwarms, 1, broken);
    const swarmId = await bench.createPlanned({ a: [] });
    await startSwarm(bench.ledger, swarmId);
    await sweepOnce(bench);
    expect((await bench.task(swarmId, 'task_001')).status).toBe('queued');
    await redis.del(keys.swarm(broken, 'meta'));
  });
});
