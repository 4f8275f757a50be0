import { connectRedis } from '@claude-flow/core/redis/connect';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { HEARTBEAT_EVERY_MS } from '@claude-flow/core/runtime/tunables';
import { readJournal } from '@claude-flow/core/store/journal';
import { createLedger } from '@claude-flow/core/store/ledger';
import { stopSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, releaseTask, type TaskClaim } from '@claude-flow/core/store/tasks';
import { startTcpProxy } from '@claude-flow/testing/tcp-proxy';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import { openJournal } from '../agent/task-journal.ts';
import type { AttemptAborted } from './attempt-aborted.ts';
import { guardedWrite } from './guarded-write.ts';
import { createLeaseKeeper } from './lease-keeper.ts';

const log = createLogger({ service: 'lease-test', level: 'silent' });
const TIMING = { everyMs: 20, leaseMs: 1_000 };
let fixture: Fixture;
beforeAll(async () => {
  // Redis is made full.
  fixture = await openFixture({ ownServer: true });
});
// A queue that is not short keeps everybody waiting.
beforeEach(() => fixture.queues.task.drain());
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

/** The same ledger, by a way that can be cut. */
async function farLedger() {
  const proxy = await startTcpProxy({ targetPort: Number(new URL(fixture.redis.url).port) });
  const redis = await connectRedis({ url: `redis://127.0.0.1:${proxy.port}`, name: 'far', mode: 'patient' });
  const ledger = createLedger({ redis, prefix: fixture.redis.prefix });
  return {
    proxy,
    redis,
    ledger,
    async close() {
      redis.disconnect();
      await proxy.close();
    },
  };
}

const USAGE = {
  inputTokens: 3,
  outputTokens: 5,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicros: 7,
};
const ANSWER = {
  kind: 'turn.completed' as const,
  turn: 1,
  content: [],
  stopReason: 'end_turn' as const,
  usage: {},
  requestId: null,
};

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

  it('begins no turn after half a lease out of reach, cuts nothing off however long that lasts, and goes on renewing', async () => {
    const claim = await claimed();
    const far = await farLedger();
    const keeper = createLeaseKeeper({ ledger: far.ledger, log }, TIMING);
    const task = keeper.hold(claim);
    far.proxy.mode('blackhole');
    expect(await aborted(task.boundary)).toBe('lease-doubt');
    const since = performance.now();
    await waitFor(() => performance.now() - since > 2 * TIMING.leaseMs, {
      deadlineMs: 20_000,
      what: 'the lease to be over by its own clock',
    });
    expect([task.work.aborted, task.ownership.aborted]).toEqual([false, false]);
    // Its lease has ended, and nobody has taken it yet.
    await fixture.ledger.redis.zadd(fixture.ledger.keys.swarm(claim.swarmId, 'running'), 'XX', 1, 'task_001');
    far.proxy.mode('pass');
    await waitFor(async () => (await leaseUntil(claim)) > 1, { deadlineMs: 10_000, what: 'a renewal' });
    keeper.close();
    await far.close();
  });

  it('hears that the task went to another while it was in doubt', async () => {
    const claim = await claimed();
    const far = await farLedger();
    const keeper = createLeaseKeeper({ ledger: far.ledger, log }, TIMING);
    const task = keeper.hold(claim);
    far.proxy.mode('blackhole');
    const writing = releaseTask(far.ledger, claim, 'too late').catch((error: unknown) => error);
    expect(await aborted(task.boundary)).toBe('lease-doubt');
    await fixture.loseWorker(claim.swarmId);
    far.proxy.mode('pass');
    expect(await aborted(task.ownership)).toBe('fenced');
    expect(await writing).toMatchObject({ code: 'fenced' });
    expect((await fixture.task(claim.swarmId)).state.status).toBe('retrying');
    keeper.close();
    await far.close();
  });

  it('keeps an answer that was paid for while Redis was full: it is written down when there is room', async () => {
    const claim = await claimed();
    const { redis } = fixture.ledger;
    const keeper = createLeaseKeeper({ ledger: fixture.ledger, log }, TIMING);
    const task = keeper.hold(claim);
    const journal = await openJournal(fixture.ledger, task);
    await redis.config('SET', 'maxmemory', '1');
    try {
      const written = journal.append(ANSWER, { usage: USAGE });
      expect(await aborted(task.boundary)).toBe('lease-doubt');
      await redis.config('SET', 'maxmemory', '0');
      await written;
      expect(await readJournal(fixture.ledger, claim.swarmId, claim.taskId)).toEqual([ANSWER]);
      expect((await fixture.task(claim.swarmId)).state.outputTokens).toBe(USAGE.outputTokens);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
      keeper.close();
    }
  });

  it('asks a Redis that refuses again before its next look', async () => {
    const claim = await claimed(1);
    const { redis } = fixture.ledger;
    let refused = 0;
    const counting = Object.assign(log.child({}), { debug: () => (refused += 1) });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const keeper = createLeaseKeeper({ ledger: fixture.ledger, log: counting });
    try {
      await redis.config('SET', 'maxmemory', '1');
      keeper.hold(claim);
      const before = await leaseUntil(claim);
      vi.advanceTimersByTime(HEARTBEAT_EVERY_MS);
      await waitFor(() => refused > 0, { deadlineMs: 10_000, what: 'a refusal' });
      await redis.config('SET', 'maxmemory', '0');
      // No look comes any more.
      await waitFor(async () => (await leaseUntil(claim)) > before, {
        deadlineMs: 10_000,
        what: 'the renewal',
      });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
      keeper.close();
      vi.useRealTimers();
    }
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
