import { readdir } from 'node:fs/promises';
import { TASK_LEASE_MS } from '@claude-flow/core/runtime/tunables';
import { readJournal } from '@claude-flow/core/store/journal';
import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { startTcpProxy } from '@claude-flow/testing/tcp-proxy';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, modelStats, openFixture, scenario } from '../test/fixture.ts';

let fixture: Fixture;
let model: Awaited<ReturnType<typeof startMockAnthropic>>;
beforeEach(async () => {
  fixture = await openFixture({ ownServer: true, durable: true });
  model = await startMockAnthropic({ port: 0 });
});
afterEach(async () => {
  await fixture.close();
  await model.close();
});

describe('a worker', () => {
  it('goes on by itself when Redis was away, and says meanwhile that it is not ready', async () => {
    const worker = await fixture.worker(model.url, { LOG_LEVEL: 'silent' });
    expect(await worker.readiness()).toEqual({ ready: true });
    await scenario(model.url, [
      { times: 1, match: { contains: '"tool_result"' }, respond: { latencyMs: 700 } },
    ]);
    const swarmId = await fixture.swarm([{}]);
    await fixture.seen(swarmId, 'task.progress');

    await fixture.redis.kill();
    await waitFor(async () => !(await worker.readiness()).ready, { deadlineMs: 5_000, what: 'unreadiness' });
    expect((await worker.readiness()).reason).toMatch(/Redis/);
    await fixture.redis.restart();
    await waitFor(async () => (await worker.readiness()).ready, { deadlineMs: 10_000, what: 'readiness' });

    expect(await fixture.ended(swarmId)).toBe('completed');
    expect((await fixture.task(swarmId)).state).toMatchObject({ attempt: 1, crashes: 0 });
    expect((await modelStats(model.url)).repeatedPrefixes).toBe(0);
    expect(await fixture.ended(await fixture.swarm([{}], 'Another objective'))).toBe('completed');
  });

  it('hands in an answer that it waited for while the ledger was out of reach for longer than its lease', async () => {
    const proxy = await startTcpProxy({ targetPort: Number(new URL(fixture.redis.url).port) });
    await fixture.worker(model.url, { LOG_LEVEL: 'silent', REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
    await scenario(model.url, [
      { times: 1, match: { contains: '"tool_result"' }, respond: { latencyMs: TASK_LEASE_MS + 1_000 } },
    ]);
    const swarmId = await fixture.swarm([{}]);
    await fixture.seen(swarmId, 'task.progress');
    await waitFor(async () => (await modelStats(model.url)).inFlight === 1, {
      deadlineMs: 10_000,
      what: 'the turn',
    });
    proxy.mode('blackhole');
    await waitFor(async () => (await modelStats(model.url)).inFlight === 0, {
      deadlineMs: 3 * TASK_LEASE_MS,
      what: 'the answer',
    });
    proxy.mode('pass');
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect((await fixture.task(swarmId)).state).toMatchObject({ attempt: 2, failures: 0, crashes: 0 });
    const { calls, completed, repeatedPrefixes } = await modelStats(model.url);
    expect([calls - completed, repeatedPrefixes]).toEqual([0, 0]);
    await proxy.close();
  });

  it('hands its tasks back at a turn boundary when it is drained, and loses no turn', async () => {
    const first = await fixture.worker(model.url);
    await scenario(model.url, [{ times: 2, respond: { latencyMs: 300 } }]);
    const swarmId = await fixture.swarm([{}, {}]);
    await waitFor(async () => (await modelStats(model.url)).inFlight === 2, {
      deadlineMs: 10_000,
      what: 'calls',
    });
    await first.drain();
    expect(first.running).toBe(0);
    expect(await first.readiness()).toMatchObject({
      ready: false,
      reason: expect.stringContaining('stopping'),
    });
    for (const id of ['task_001', 'task_002']) {
      const journal = await readJournal(fixture.ledger, swarmId, id);
      expect(journal.filter((entry) => entry.kind === 'turn.completed')).toHaveLength(1);
      const { state } = await fixture.task(swarmId, id);
      expect(state).toMatchObject({ status: 'queued', failures: 0, crashes: 0 });
      // One delivery more when the stopping worker was sent the job again and passed it on unclaimed.
      expect(state.attempt).toBeGreaterThanOrEqual(2);
    }
    await first.close();
    expect(await readdir(fixture.workspaceRoot)).toEqual([]);

    await fixture.worker(model.url);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect((await modelStats(model.url)).repeatedPrefixes).toBe(0);
  });

  it('hands back at once what only waits for an overloaded model', async () => {
    const worker = await fixture.worker(model.url, { LOG_LEVEL: 'silent' });
    await scenario(model.url, [{ respond: { status: 529, retryAfterSeconds: 200 } }]);
    const swarmId = await fixture.swarm([{}]);
    await waitFor(async () => (await modelStats(model.url)).calls === 1, {
      deadlineMs: 10_000,
      what: 'the call',
    });
    await worker.drain();
    expect(worker.running).toBe(0);
    expect((await fixture.task(swarmId)).state).toMatchObject({ status: 'queued', failures: 0 });
    expect((await modelStats(model.url)).calls).toBe(1);
  });

  it('runs no more tasks at once than it may', async () => {
    await fixture.worker(model.url, { MAX_CONCURRENT_TASKS: '2' });
    await scenario(model.url, [{ respond: { latencyMs: 20 } }]);
    const swarmId = await fixture.swarm([{}, {}, {}, {}, {}]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect(await maxRunning(swarmId)).toBe(2);
  });
});

/** The most tasks that ran at the same time, by the order of the events. */
async function maxRunning(swarmId: string): Promise<number> {
  let running = 0;
  let most = 0;
  for (const { type } of await fixture.events(swarmId)) {
    if (type === 'task.started') running += 1;
    if (type === 'task.completed') running -= 1;
    most = Math.max(most, running);
  }
  return most;
}
