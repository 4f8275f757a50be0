import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { getSwarm, pauseSwarm, resumeSwarm } from '@claude-flow/core/store/swarms';
import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, modelStats, openFixture } from '../../test/fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

it('a pause ends the run at a turn boundary; the resume goes on there, and no turn is paid again', async () => {
  const model = await startMockAnthropic({ latencyMs: 300 });
  try {
    const worker = await fixture.worker(model.url);
    const swarmId = await fixture.swarm([{ agentType: 'coder' }]);
    await fixture.seen(swarmId, 'task.progress', 'task_001');
    await pauseSwarm(fixture.ledger, swarmId);
    await fixture.seen(swarmId, 'task.suspended', 'task_001');
    await waitFor(() => worker.running === 0, { deadlineMs: 5_000, what: 'the worker to be idle' });
    const atPause = await modelStats(model.url);
    expect((await getSwarm(fixture.ledger, swarmId))?.status).toBe('paused');
    expect((await fixture.task(swarmId)).state).toMatchObject({
      status: 'suspended',
      failures: 0,
      crashes: 0,
    });
    expect(atPause.calls).toBe(atPause.completed);

    await resumeSwarm(fixture.ledger, swarmId);
    await dispatchSwarm({ ledger: fixture.ledger, queues: fixture.queues }, swarmId);
    expect(await fixture.ended(swarmId)).toBe('completed');
    const stats = await modelStats(model.url);
    expect(stats.calls).toBeGreaterThan(atPause.calls);
    expect(stats.repeatedPrefixes).toBe(0);
    const { state } = await fixture.task(swarmId);
    expect(state.attempt).toBe(2);
    expect(state.turns).toBe(stats.completed);
  } finally {
    await model.close();
  }
});
