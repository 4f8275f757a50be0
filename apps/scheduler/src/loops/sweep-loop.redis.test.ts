import { redisReadiness } from '@claude-flow/core/redis/readiness';
import { startSwarm } from '@claude-flow/core/store/swarms';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bench, startBench } from '../test/bench.ts';
import { startSweepLoop } from './sweep-loop.ts';

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
    expect(await redisReadiness(redis)).toMatchObject({ ready: false });
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
  expect(await redisReadiness(redis)).toEqual({ ready: true });
  await redis.config('SET', 'maxmemory', '100mb');
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const readiness = await redisReadiness(redis);
  expect(readiness).toMatchObject({ ready: false, reason: expect.stringContaining('noeviction') });
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  expect(await redisReadiness(redis)).toEqual({ ready: true });
});
