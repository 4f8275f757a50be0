import { connectRedis } from '@claude-flow/core/redis/connect';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { createLedger } from '@claude-flow/core/store/ledger';
import { stopSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, type TaskClaim } from '@claude-flow/core/store/tasks';
import { startTcpProxy } from '@claude-flow/testing/tcp-proxy';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import { AttemptAborted } from './attempt-aborted.ts';
import { guardedWrite } from './guarded-write.ts';
import { createLeaseKeeper } from './lease-keeper.ts';

const log = createLogger({ service: 'lease-test', level: 'silent' });
const TIMING = { everyMs: 20, leaseMs: 1_000 };
let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

async function claimed(leaseMs = 10_000): Promise<TaskClaim> {
  const swarmId = await fixture.swarm([{}]);
  const wish = { swarmId, taskId: 'task_001', attempt: 1, token: 'mine', workerId: 'w', leaseMs };
  const result = await claimTask(fixture.ledger, wish);
  if (!result.claimed) throw new Error(result.why);
  return result.claim;
}

const leaseUntil = async (claim: TaskClaim) =>
  Number(
    await fixture.ledger.redis.zscore(fixture.ledger.keys.swarm(claim.swarmId, 'running'), claim.taskId),
  );

const aborted = (signal: AbortSignal) =>
  waitFor(() => signal.aborted && (signal.reason as AttemptAborted).reason, {
    deadlineMs: 10_000,
    what: 'the attempt to be ended',
  });

describe('createLeaseKeeper', () => {
  it('renews every lease it holds, and none that it let go', async () => {
    const keeper = createLeaseKeeper({ ledger: fixture.ledger, log }, TIMING);
    const claims = [await claimed(1), await claimed(1)];
    const held = claims.map((claim) => keeper.hold(claim));
    const before = await Promise.all(claims.map(leaseUntil));
    for (const [index, claim] of claims.entries()) {
      await waitFor(async () => (await leaseUntil(claim)) > (before[index] ?? 0) + TIMING.leaseMs, {
        deadlineMs: 10_000,
        what: 'the lease to be renewed',
      });
    }
    for (const task of held) keeper.letGo(task);
    expect(keeper.size).toBe(0);
    expect(held.some((task) => task.work.aborted)).toBe(false);
    keeper.close();
  });

  it('ends a task whose swarm was stopped, and one that went to another', async () => {
    const keeper = createLeaseKeeper({ ledger: fixture.ledger, log }, TIMING);
    const [stopped, lost] = [await claimed(), await claimed()];
    const tasks = [keeper.hold(stopped), keeper.hold(lost)] as const;
    await stopSwarm(fixture.ledger, stopped.swarmId, { reason: 'stopped', message: 'm' });
    await fixture.loseWorker(lost.swarmId);
    expect(await aborted(tasks[0].work)).toBe('cancel');
    expect(await aborted(tasks[1].ownership)).toBe('fenced');
    keeper.close();
  });

  it('stops the agent when the ledger is out of reach for half a lease', async () => {
    const claim = await claimed();
    const target = Number(new URL(fixture.redis.url).port);
    const proxy = await startTcpProxy({ targetPort: target });
    const redis = await connectRedis({
      url: `redis://127.0.0.1:${proxy.port}`,
      name: 'far',
      mode: 'patient',
    });
    const ledger = createLedger({ redis, prefix: fixture.redis.prefix });
    const keeper = createLeaseKeeper({ ledger, log }, TIMING);
    const task = keeper.hold(claim);
    proxy.mode('blackhole');
    const writing = guardedWrite(task.ownership, () => redis.get('never answered')).catch((e: unknown) => e);
    expect(await aborted(task.work)).toBe('lease-doubt');
    expect(await writing).toBeInstanceOf(AttemptAborted);
    keeper.close();
    redis.disconnect();
    await proxy.close();
  });

  it('interrupts the work of all, who may still write how it ended', async () => {
    const keeper = createLeaseKeeper({ ledger: fixture.ledger, log }, TIMING);
    const task = keeper.hold(await claimed());
    keeper.interruptAll();
    expect(await aborted(task.work)).toBe('shutdown');
    expect(task.ownership.aborted).toBe(false);
    expect(await guardedWrite(task.ownership, async () => 'written')).toBe('written');
    keeper.close();
  });
});
