import { HAND_OVER_SLOT_MS } from '@claude-flow/core/runtime/tunables';
import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const CHAIN = [{}, { dependencies: ['task_001'] }, { dependencies: ['task_002'] }];

it('runs the tasks handed over in the place of the first: no job is delivered for them', async () => {
  const model = await startMockAnthropic({ latencyMs: 20 });
  try {
    const worker = await fixture.worker(model.url, { MAX_CONCURRENT_TASKS: '2' });
    const swarmId = await fixture.swarm(CHAIN);
    await fixture.seen(swarmId, 'task.started', 'task_001');
    // From here on a job would wait for ever.
    await fixture.queues.task.pause();
    expect(await fixture.ended(swarmId)).toBe('completed');
    await waitFor(() => worker.running === 0, { deadlineMs: 5_000, what: 'the worker to be idle' });
    for (const id of ['task_001', 'task_002', 'task_003']) {
      expect((await fixture.task(swarmId, id)).state).toMatchObject({
        status: 'completed',
        attempt: 1,
        crashes: 0,
      });
    }
    expect(await fixture.queues.task.count()).toBe(0);
  } finally {
    await model.close();
  }
});

it('a fan-out goes into the free places of the worker: never more tasks at once than it has places', async () => {
  const model = await startMockAnthropic({ latencyMs: 20 });
  try {
    const worker = await fixture.worker(model.url, { MAX_CONCURRENT_TASKS: '6' });
    const fan = Array.from({ length: 12 }, () => ({ dependencies: ['task_001'] }));
    const swarmId = await fixture.swarm([{}, ...fan]);
    await fixture.seen(swarmId, 'task.started', 'task_001');
    await fixture.queues.task.pause();
    await fixture.seen(swarmId, 'task.completed', 'task_001');
    await fixture.queues.task.resume();
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, worker.running);
    }, 1);
    expect(await fixture.ended(swarmId)).toBe('completed');
    clearInterval(watch);
    expect(most).toBeLessThanOrEqual(6);
    // Told in one step with the end of the first: one in its place, and two beside it, half of the five free ones but one.
    const lines = await fixture.lines(swarmId);
    const next = lines.slice(lines.indexOf('task.completed task_001')).filter((line) => /^task/.test(line));
    expect(next.slice(4, 7)).toEqual([
      'task.started task_002',
      'task.started task_003',
      'task.started task_004',
    ]);
  } finally {
    await model.close();
  }
});

it('a worker whose every place is taken for long lets the queue decide what comes next', async () => {
  const model = await startMockAnthropic({ latencyMs: HAND_OVER_SLOT_MS + 100 });
  try {
    await fixture.worker(model.url, { MAX_CONCURRENT_TASKS: '1' });
    const swarmId = await fixture.swarm(CHAIN.slice(0, 2));
    await fixture.seen(swarmId, 'task.started', 'task_001');
    await fixture.queues.task.pause();
    await fixture.seen(swarmId, 'task.completed', 'task_001');
    await waitFor(async () => (await fixture.queues.task.count()) === 1, {
      deadlineMs: 5_000,
      what: 'the job of the second task',
    });
    expect((await fixture.task(swarmId, 'task_002')).state.status).toBe('queued');
    await fixture.queues.task.resume();
    expect(await fixture.ended(swarmId)).toBe('completed');
  } finally {
    await model.close();
  }
});

it('a worker that is told to stop hands back what it has, and takes nothing over', async () => {
  const model = await startMockAnthropic({ latencyMs: 200 });
  try {
    const worker = await fixture.worker(model.url, { MAX_CONCURRENT_TASKS: '2' });
    const swarmId = await fixture.swarm(CHAIN);
    await fixture.seen(swarmId, 'task.started', 'task_001');
    await worker.drain();
    const states = await Promise.all(CHAIN.map((_, i) => fixture.task(swarmId, `task_00${i + 1}`)));
    expect(states.filter(({ state }) => state.status === 'running')).toEqual([]);
    expect(states.every(({ state }) => state.crashes === 0)).toBe(true);
    await fixture.worker(model.url);
    expect(await fixture.ended(swarmId)).toBe('completed');
  } finally {
    await model.close();
  }
});
