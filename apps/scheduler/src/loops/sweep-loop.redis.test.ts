import { requestRepair } from '@claude-flow/core/queue/dispatcher';
import { createRedisProbe } from '@claude-flow/core/redis/readiness';
import { LEDGER_BREAK_MS } from '@claude-flow/core/runtime/tunables';
import { startSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, dispatchTasks, heartbeatTask } from '@claude-flow/core/store/tasks';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bench, startBench } from '../test/bench.ts';
import { createAwayMemory } from './away-memory.ts';
import { sweepOnce } from './sweep/sweep.ts';
import { startSweepLoop } from './sweep-loop.ts';
import { startWakeLoop } from './wake-loop.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ ownServer: true, durable: true });
});
afterAll(() => bench?.close());

const SOON = { deadlineMs: 20_000 };

async function startedSwarm(): Promise<string> {
  const swarmId = await bench.createPlanned({ a: [] });
  await startSwarm(bench.ledger, swarmId);
  return swarmId;
}
const queued = (swarmId: string) =>
  waitFor(async () => (await bench.task(swarmId, 'task_001')).status === 'queued', {
    ...SOON,
    what: 'the task to be queued',
  });

it('goes on after an error, and after Redis was away, with another loop beside it', async () => {
  const { redis, keys } = bench.ledger;
  // The index is no index: every sweep fails.
  await redis.set(keys.activeSwarms, 'broken');
  let failures = 0;
  const log = Object.assign(bench.log.child({}), {
    error: () => {
      failures += 1;
    },
  });
  const loops = [startSweepLoop({ ...bench, log }, 30), startSweepLoop(bench, 30)];
  try {
    await waitFor(() => failures >= 2, { ...SOON, what: 'two sweeps to fail' });
    await redis.del(keys.activeSwarms);
    await queued(await startedSwarm());

    await bench.server.kill();
    await waitFor(() => redis.status !== 'ready', { ...SOON, what: 'the connection to break' });
    expect(await createRedisProbe(bench.ledger).readiness()).toMatchObject({ ready: false });
    await bench.server.restart();
    await queued(await startedSwarm());
  } finally {
    await Promise.all(loops.map((loop) => loop.stop()));
  }
  const swarmId = await startedSwarm();
  await new Promise(setImmediate);
  expect((await bench.task(swarmId, 'task_001')).status).toBe('ready');
  expect(await redis.exists(keys.lock('sweep'))).toBe(0);
});

it('is ready only on a Redis that keeps what it was given', async () => {
  const { redis } = bench.ledger;
  expect(await createRedisProbe(bench.ledger).readiness()).toEqual({ ready: true });
  await redis.config('SET', 'maxmemory', '100mb');
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const readiness = await createRedisProbe(bench.ledger).readiness();
  expect(readiness).toMatchObject({ ready: false, reason: expect.stringContaining('noeviction') });
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  expect(await createRedisProbe(bench.ledger).readiness()).toEqual({ ready: true });
});

/** A task that a worker has, whose lease ends at once. */
async function runningTask(leaseMs: number) {
  const swarmId = await startedSwarm();
  const [task] = (await dispatchTasks(bench.ledger, swarmId, 1)).queued;
  if (task === undefined) throw new Error('nothing queued');
  await claimTask(bench.ledger, { ...task, token: 't', workerId: 'w', leaseMs });
  return { swarmId, claim: { ...task, token: 't', workerId: 'w' } };
}
/** Shorter than the real one: the test waits for it. */
const COUNT_AFTER_MS = 3_000;
const redisTime = async () => {
  const [seconds, micros] = await bench.ledger.redis.time();
  return Number(seconds) * 1000 + Number(micros) / 1000;
};

it.each(['killed', 'halted'] as const)(
  'spares tasks whose lease ended while Redis was %s, until their workers can be back, for whichever process asks',
  async (how) => {
    const { redis } = bench.ledger;
    const { swarmId } = await runningTask(1);
    if (how === 'killed') {
      await bench.server.kill();
      await waitFor(() => redis.status !== 'ready', { ...SOON, what: 'the connection to break' });
      await bench.server.restart();
    } else {
      await bench.server.kill('SIGSTOP');
      const since = performance.now();
      await waitFor(() => performance.now() - since > 1.2 * LEDGER_BREAK_MS, { ...SOON, what: 'the break' });
      await bench.server.kill('SIGCONT');
    }
    const backAt = await redisTime();
    await waitFor(
      async () => {
        // A scheduler that has just been started remembers nothing of it.
        await sweepOnce({ ...bench, leasesCountAfterMs: COUNT_AFTER_MS });
        return (await bench.task(swarmId, 'task_001')).attempt === 2;
      },
      { ...SOON, what: 'the reclaim' },
    );
    // What Redis wrote down, by its own clock.
    const events = await bench.events(swarmId);
    const at = events.find(({ type }) => type === 'task.retrying')?.at ?? 0;
    expect(at - backAt).toBeGreaterThanOrEqual(COUNT_AFTER_MS - RESTART_MS);
  },
);
/** Between Redis's first script after its return and the moment it was looked at here. */
const RESTART_MS = 1_000;

it('takes a lost worker’s task at the end of its lease while nothing but sweeps is heard: that silence is no break', async () => {
  const leaseMs = 2 * LEDGER_BREAK_MS;
  const { swarmId } = await runningTask(leaseMs);
  const lease = Number(
    await bench.ledger.redis.zscore(bench.ledger.keys.swarm(swarmId, 'running'), 'task_001'),
  );
  await waitFor(
    async () => {
      await sweepOnce({ ...bench, leasesCountAfterMs: leaseMs });
      return (await bench.task(swarmId, 'task_001')).crashes === 1;
    },
    { ...SOON, what: 'the reclaim' },
  );
  const reclaimed = (await bench.events(swarmId)).find(({ type }) => type === 'task.retrying');
  expect((reclaimed?.at ?? 0) - lease).toBeLessThan(leaseMs);
});

it('an interrupted look remembers that Redis was away: what it saw before does not count', async () => {
  let now = 0;
  const away = createAwayMemory(() => now, 10_000);
  expect(away.lately()).toBe(false);
  await away.watch(async () => (now += LEDGER_BREAK_MS));
  expect(away.lately()).toBe(false);
  await away.watch(async () => (now += LEDGER_BREAK_MS + 1));
  expect(away.lately()).toBe(true);
  now += 10_000;
  expect(away.lately()).toBe(false);
  await away.watch(() => Promise.reject(new Error('OOM command not allowed'))).catch(() => undefined);
  expect(away.lately()).toBe(true);
  now += 10_000;
  await away.watch(() => Promise.reject(new Error('a mistake of ours'))).catch(() => undefined);
  expect(away.lately()).toBe(false);
});

it('spares them too when Redis was full, and mends everything else', async () => {
  const { redis, keys } = bench.ledger;
  const swarmId = await startedSwarm();
  const [task] = (await dispatchTasks(bench.ledger, swarmId, 1)).queued;
  if (task === undefined) throw new Error('nothing queued');
  const claim = { ...task, token: 't', workerId: 'w' };
  let refused = 0;
  const log = Object.assign(bench.log.child({}), { warn: () => (refused += 1) });
  await redis.config('SET', 'maxmemory', '1');
  const loop = startSweepLoop({ ...bench, log, leasesCountAfterMs: COUNT_AFTER_MS }, 20);
  try {
    await waitFor(() => refused > 0, { ...SOON, what: 'a sweep to be refused' });
    await redis.config('SET', 'maxmemory', '0');
    // What a worker held when Redis became full, and could not renew.
    await claimTask(bench.ledger, { ...claim, leaseMs: 0 });
    await queued(await startedSwarm());
    expect(await heartbeatTask(bench.ledger, claim)).toBe('ok');
    expect(await bench.task(swarmId, 'task_001')).toMatchObject({ status: 'running', crashes: 0 });
    // Nobody renews: then it counts after all.
    await redis.zadd(keys.swarm(swarmId, 'running'), 'XX', 1, 'task_001');
    await waitFor(async () => (await bench.task(swarmId, 'task_001')).crashes === 1, {
      ...SOON,
      what: 'the reclaim',
    });
  } finally {
    await redis.config('SET', 'maxmemory', '0');
    await loop.stop();
  }
});

it('looks after one swarm at once when somebody saw something stale', async () => {
  const swarmId = await startedSwarm();
  const wakes = startWakeLoop({ ...bench, consumerRedis: bench.connect('wake') });
  try {
    await bench.ledger.redis.del(bench.ledger.keys.swarm(swarmId, 'ready'));
    await requestRepair(bench.queues, swarmId);
    await waitFor(async () => (await bench.verdicts('misplaced')) === 1, { ...SOON, what: 'the repair' });
    expect(await bench.ledger.redis.zcard(bench.ledger.keys.swarm(swarmId, 'ready'))).toBe(1);
  } finally {
    await wakes.close();
  }
});
