import { startTestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { graph, newSwarm, openLedger, plan, result } from '../../test/ledger-fixture.ts';
import { type TaskJob, taskJobSchema } from '../contracts/jobs.ts';
import { createRedis } from '../redis/connect.ts';
import {
  type AdmissionTotals,
  admit,
  readAdmission,
  reserveStart,
  scanAccounts,
  setCapacity,
} from '../store/admission.ts';
import { assignTask } from '../store/agents.ts';
import type { Ledger } from '../store/ledger.ts';
import { readSwarmLoad } from '../store/swarm-load.ts';
import { deleteSwarm, getSwarm, pauseSwarm, resumeSwarm, startSwarm, stopSwarm } from '../store/swarms.ts';
import { listTasks } from '../store/task-reads.ts';
import {
  claimTask,
  completeTask,
  dispatchTasks,
  failTask,
  reclaimTask,
  releaseTask,
  type TaskClaim,
} from '../store/tasks.ts';
import { type Consumer, consume } from './consumer.ts';
import { dispatchSwarm, dispatchWaiting } from './dispatcher.ts';
import { createQueues, type Queues } from './queues.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
let queues: Queues;
const deps = () => ({ ledger, queues });
const closers: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  ledger = await openLedger(redis.url, `${redis.prefix}-${Math.random().toString(36).slice(2)}`);
  queues = createQueues(ledger.redis, ledger.keys.queuePrefix, () => undefined);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await queues.close();
  ledger.redis.disconnect();
});

async function started(owner: string, edges: Record<string, string[]> = { a: [] }): Promise<string> {
  const swarmId = await newSwarm(ledger, { owner, maxAgents: 50 });
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  return swarmId;
}
const wide = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, [] as string[]]));
const many = (count: number, owner: string, edges?: Record<string, string[]>) =>
  Promise.all(Array.from({ length: count }, () => started(owner, edges)));

/** All that is queued or running, by the ledger itself, at one moment. */
async function underWay(swarmIds: readonly string[]): Promise<number> {
  const moment = ledger.redis.multi();
  for (const id of swarmIds) {
    moment.zcard(ledger.keys.swarm(id, 'queued')).zcard(ledger.keys.swarm(id, 'running'));
  }
  return ((await moment.exec()) ?? []).reduce((sum, [, count]) => sum + Number(count), 0);
}

/** What the sweep does. */
async function reconcile(): Promise<void> {
  let cursor = '0';
  do {
    const page = await scanAccounts(ledger, cursor, 100);
    await dispatchWaiting(deps(), await Promise.all(page.swarmIds.map((id) => readSwarmLoad(ledger, id))));
    cursor = page.cursor;
  } while (cursor !== '0');
}

function worker(concurrency: number, handle: (job: TaskJob) => Promise<void>): void {
  const connection = createRedis({ url: redis.url, name: 'admission-test-worker', mode: 'patient' });
  const consumer: Consumer = consume({
    queue: 'task',
    prefix: ledger.keys.queuePrefix,
    redis: connection,
    schema: taskJobSchema,
    concurrency,
    handle,
    onError: (error) => {
      throw error;
    },
  });
  closers.push(async () => {
    await consumer.close();
    connection.disconnect();
  });
}

const bookedAre = (wanted: Partial<AdmissionTotals>) =>
  waitFor(
    async () => {
      const totals = await readAdmission(ledger);
      return Object.entries(wanted).every(([name, value]) => totals[name as keyof AdmissionTotals] === value);
    },
    { deadlineMs: 3_000, what: `admission has ${JSON.stringify(wanted)}` },
  );

let tokens = 0;
async function claimJob(job: TaskJob): Promise<TaskClaim | undefined> {
  tokens += 1;
  const claimed = await claimTask(ledger, { ...job, token: `t${tokens}`, workerId: 'w' });
  return claimed.claimed ? claimed.claim : undefined;
}

/** Takes the jobs that wait, as BullMQ would hand them out, and claims their tasks. */
async function takeJobs(): Promise<TaskClaim[]> {
  const jobs = await queues.task.getJobs(['prioritized', 'waiting']);
  const claims = await Promise.all(
    jobs.map(async (job) => {
      await job.remove();
      return claimJob(job.data);
    }),
  );
  return claims.filter((claim) => claim !== undefined);
}

async function finish(claim: TaskClaim): Promise<void> {
  const { load } = await completeTask(ledger, claim, result('x'), {});
  await dispatchSwarm(deps(), claim.swarmId, load);
}

test('the queue stays short however much is ready, and everything is run in the end', async () => {
  await setCapacity(ledger, 'w', 8);
  const alive = setInterval(() => void setCapacity(ledger, 'w', 8), 1_000);
  closers.push(() => clearInterval(alive));
  const swarms = await many(20, 'a', wide(4));
  await Promise.all(swarms.map((id) => dispatchSwarm(deps(), id)));
  // Eight at work, and four to go on with.
  expect(await underWay(swarms)).toBe(12);
  expect(await queues.task.count()).toBe(12);
  let most = 0;
  worker(8, async (job) => {
    most = Math.max(most, await underWay(swarms));
    const claim = await claimJob(job);
    if (claim !== undefined) await finish(claim);
  });
  for (const id of swarms) {
    await waitFor(async () => (await getSwarm(ledger, id))?.status === 'completed', {
      deadlineMs: 25_000,
      what: `${id} completes`,
    });
  }
  expect(most).toBeLessThanOrEqual(12);
  await waitFor(async () => (await readAdmission(ledger)).started === 0, {
    deadlineMs: 5_000,
    what: 'every account is closed',
  });
  await bookedAre({ busy: 0, reserved: 0, started: 0, waiting: 0 });
});

test('one swarm of another owner is the next but one behind a thousand', async () => {
  await setCapacity(ledger, 'w', 4);
  const crowd = await many(1_000, 'crowd');
  await Promise.all(crowd.map((id) => dispatchSwarm(deps(), id)));
  const small = await started('small');
  expect(await dispatchSwarm(deps(), small)).toBe(0);
  const [first, second] = await takeJobs();
  if (first === undefined || second === undefined) throw new Error('nothing was queued');
  await finish(first);
  await finish(second);
  expect((await readSwarmLoad(ledger, small)).busy).toBe(1);
});

test('three owners with much to do get equal shares', async () => {
  await setCapacity(ledger, 'w', 8);
  const owners = ['a', 'b', 'c'];
  const swarms = new Map<string, string>();
  for (const owner of owners) swarms.set(owner, await started(owner, wide(50)));
  const done = new Map(owners.map((owner) => [owner, 0]));
  await dispatchSwarm(deps(), swarms.get('a') ?? '');
  await dispatchSwarm(deps(), swarms.get('b') ?? '');
  await dispatchSwarm(deps(), swarms.get('c') ?? '');
  for (let round = 0; round < 8; round += 1) {
    for (const claim of await takeJobs()) {
      const owner = owners.find((one) => swarms.get(one) === claim.swarmId) ?? '';
      done.set(owner, (done.get(owner) ?? 0) + 1);
      await finish(claim);
    }
  }
  const shares = [...done.values()];
  // The first had the whole fleet before the others came: twelve attempts.
  expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(13);
  expect(Math.min(...shares)).toBeGreaterThan(20);
});

test('a cap below what the workers take holds, with many dispatchers at once', async () => {
  ledger = { ...ledger, maxAgents: 5 };
  await setCapacity(ledger, 'w', 100);
  const swarms = [...(await many(10, 'a', wide(10))), ...(await many(10, 'b', wide(10)))];
  const others = await Promise.all(
    Array.from({ length: 4 }, async () => ({
      ...(await openLedger(redis.url, ledger.keys.prefix)),
      maxAgents: 5,
    })),
  );
  const dispatchAll = () =>
    Promise.all(
      [ledger, ...others].flatMap((one) => swarms.map((id) => dispatchSwarm({ ledger: one, queues }, id))),
    );
  await dispatchAll();
  expect(await underWay(swarms)).toBe(5);
  for (let round = 0; round < 5; round += 1) {
    const claims = await takeJobs();
    expect(claims).toHaveLength(5);
    await Promise.all([dispatchAll(), ...claims.map(finish)]);
    expect(await underWay(swarms)).toBe(5);
  }
  for (const other of others) other.redis.disconnect();
});

test('without a worker a few tasks are queued, and the first worker lets the others through', async () => {
  const swarmId = await started('a', wide(40));
  expect(await dispatchSwarm(deps(), swarmId)).toBe(20);
  expect(await setCapacity(ledger, 'w', 100)).toBe(true);
  expect(await setCapacity(ledger, 'w', 100)).toBe(false);
  expect(await dispatchWaiting(deps())).toBe(20);
  await setCapacity(ledger, 'w', 0);
  expect((await readAdmission(ledger)).capacity).toBe(0);
});

test('a worker that is silent no longer counts', async () => {
  await setCapacity(ledger, 'lost', 100);
  await setCapacity(ledger, 'alive', 10);
  await ledger.redis.zadd(ledger.keys.admission('workers'), 1, 'lost');
  await setCapacity(ledger, 'alive', 10);
  expect((await readAdmission(ledger)).capacity).toBe(10);
});

test('whatever becomes of the attempts, nothing stays booked', async () => {
  await setCapacity(ledger, 'w', 16);
  const swarms = await many(12, 'a', { a: [], b: [], c: ['a', 'b'] });
  await Promise.all(swarms.map((id) => dispatchSwarm(deps(), id)));
  let dice = 7;
  const roll = (sides: number) => {
    dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((dice / 2_147_483_648) * sides);
  };
  const failure = { code: 'internal', message: 'x', retryable: true, delayMs: 0 } as const;
  for (let step = 0; step < 400; step += 1) {
    const claims = await takeJobs();
    if (claims.length === 0 && (await readAdmission(ledger)).started === 0) break;
    for (const claim of claims) {
      const { swarmId, taskId, token } = claim;
      const lose = () => ledger.redis.zadd(ledger.keys.swarm(swarmId, 'running'), 1, taskId);
      const fates: (() => Promise<unknown>)[] = [
        () => finish(claim),
        () => finish(claim),
        // Ends without a word to admission: the process died in between.
        () => completeTask(ledger, claim, result('x'), {}),
        () => failTask(ledger, claim, failure),
        () => releaseTask(ledger, claim, 'stopping'),
        () => lose().then(() => reclaimTask(ledger, { swarmId, taskId, token })),
        () => stopSwarm(ledger, swarmId, { reason: 'stopped', message: 'x' }),
        () => deleteSwarm(ledger, swarmId),
        () => pauseSwarm(ledger, swarmId).then(() => releaseTask(ledger, claim, 'paused')),
      ];
      // A swarm may have been stopped, or paused, by the fate of a task before.
      await fates[roll(fates.length)]?.().catch(() => undefined);
    }
    for (const id of swarms) await resumeSwarm(ledger, id).catch(() => undefined);
    await reconcile();
  }
  await bookedAre({ busy: 0, reserved: 0, waiting: 0 });
  expect(await underWay(swarms)).toBe(0);
  const left = await Promise.all(swarms.map(async (id) => (await getSwarm(ledger, id))?.status));
  expect(left).not.toContain('executing');
});

test('a reservation whose dispatcher died ends, and its turn goes to the next', async () => {
  await setCapacity(ledger, 'w', 4);
  const swarmId = await started('a', wide(8));
  const [lost] = await admit(ledger, [{ loads: [await readSwarmLoad(ledger, swarmId)] }]);
  expect(lost?.attempts).toBe(8);
  expect(await dispatchWaiting(deps())).toBe(0);
  await ledger.redis.zadd(ledger.keys.admission('reservations'), 1, lost?.reservation ?? '');
  await reconcile();
  expect((await readSwarmLoad(ledger, swarmId)).busy).toBe(8);
  await bookedAre({ busy: 8, reserved: 0 });
});

test('what a task made ready is queued by whoever ended it', async () => {
  await setCapacity(ledger, 'w', 4);
  const swarmId = await started('a', { a: [], b: ['a'] });
  expect(await dispatchSwarm(deps(), swarmId)).toBe(1);
  const [claim] = await takeJobs();
  if (claim === undefined) throw new Error('nothing was queued');
  const { load } = await completeTask(ledger, claim, result('x'), {});
  expect(await dispatchSwarm(deps(), swarmId, load)).toBe(1);
});

test('a report that comes late does not undo a newer one', async () => {
  await setCapacity(ledger, 'w', 4);
  const swarmId = await started('a', wide(3));
  const early = await readSwarmLoad(ledger, swarmId);
  expect(await dispatchSwarm(deps(), swarmId)).toBe(3);
  expect(await dispatchWaiting(deps(), [early])).toBe(0);
  await bookedAre({ busy: 3, reserved: 0, waiting: 0 });
});

test('the report of a dispatch that comes after the end of the swarm does not open its account again', async () => {
  await setCapacity(ledger, 'w', 4);
  const swarmId = await started('a');
  const [grant] = await admit(ledger, [{ loads: [await readSwarmLoad(ledger, swarmId)] }]);
  await dispatchTasks(ledger, swarmId, 1);
  const late = await readSwarmLoad(ledger, swarmId);
  await stopSwarm(ledger, swarmId, { reason: 'stopped', message: 'x' });
  await dispatchSwarm(deps(), swarmId);
  expect(await admit(ledger, [{ loads: [late], releases: [grant?.reservation ?? ''] }])).toEqual([]);
  expect(await readAdmission(ledger)).toMatchObject({ busy: 0, reserved: 0, started: 0, waiting: 0 });
});

test('of ten starts at once as many succeed as there are places', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => newSwarm(ledger, { owner: 'a' })));
  const outcomes = await Promise.allSettled(ids.map((id) => reserveStart(ledger, { id, owner: 'a' }, 3)));
  expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(3);
  const refused = outcomes.find((one) => one.status === 'rejected');
  expect(refused?.reason).toMatchObject({ code: 'limit_exceeded' });
  const placed = ids[outcomes.findIndex((one) => one.status === 'fulfilled')] ?? '';
  await reserveStart(ledger, { id: placed, owner: 'a' }, 3);
  // A start that is remembered while the plan is made keeps its place; its stop gives it back.
  await startSwarm(ledger, placed);
  await dispatchSwarm(deps(), placed);
  expect((await readAdmission(ledger)).started).toBe(3);
  await stopSwarm(ledger, placed, { reason: 'stopped', message: 'x' });
  await dispatchSwarm(deps(), placed);
  expect((await readAdmission(ledger)).started).toBe(2);
});

test('a place whose start never came is given up after a while', async () => {
  const swarmId = await newSwarm(ledger, { owner: 'a' });
  await reserveStart(ledger, { id: swarmId, owner: 'a' }, 1);
  await reconcile();
  expect((await readAdmission(ledger)).started).toBe(1);
  const key = ledger.keys.admission('accounts');
  const line = (await ledger.redis.hget(key, swarmId)) ?? '';
  await ledger.redis.hset(key, swarmId, line.replace(/ \d{13} /, ' 1 '));
  await reconcile();
  expect((await readAdmission(ledger)).started).toBe(0);
});

test('a task that waits for its own agent does not keep the dispatcher busy', async () => {
  await setCapacity(ledger, 'w', 10);
  const swarmId = await started('a', wide(2));
  await dispatchSwarm(deps(), swarmId);
  const [claim, second] = await takeJobs();
  if (claim === undefined || second === undefined) throw new Error('not everything was queued');
  await releaseTask(ledger, second, 'stopping');
  const busy = (await listTasks(ledger, swarmId)).find(({ state }) => state.id === claim.taskId);
  await assignTask(ledger, swarmId, second.taskId, busy?.state.agentId ?? '');
  expect(await dispatchSwarm(deps(), swarmId)).toBe(0);
  await bookedAre({ busy: 1, reserved: 0, waiting: 0 });
  await finish(claim);
  expect((await readSwarmLoad(ledger, swarmId)).busy).toBe(1);
});
