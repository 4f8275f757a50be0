import { newSwarmId } from '@claude-flow/core/domain/ids';
import { enqueueTasks } from '@claude-flow/core/queue/dispatcher';
import { claimTask, dispatchTasks } from '@claude-flow/core/store/tasks';
import { listWorkers } from '@claude-flow/core/store/workers';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import { startScriptedModel } from '../../test/scripted-model.ts';

let fixture: Fixture;
let model: Awaited<ReturnType<typeof startScriptedModel>>;
beforeEach(async () => {
  fixture = await openFixture();
  model = await startScriptedModel(() => 'hang');
});
afterEach(async () => {
  await fixture.close();
  await model.close();
});

it('a delivery of a task that runs already, as the ledger says, has a scheduler look at the swarm, once', async () => {
  const swarmId = await fixture.swarm([{}]);
  const { state } = await fixture.task(swarmId);
  const wish = { swarmId, taskId: 'task_001', attempt: state.attempt, token: 't', workerId: 'lost' };
  expect((await claimTask(fixture.ledger, wish)).claimed).toBe(true);
  const { wake, task } = fixture.queues;
  await fixture.worker(model.url);
  await waitFor(async () => (await wake.count()) > 0, { deadlineMs: 10_000, what: 'the request' });
  const again = { swarmId, taskId: 'task_001', attempt: state.attempt, priority: state.priority };
  await waitFor(async () => (await task.getActiveCount()) === 0, {
    deadlineMs: 10_000,
    what: 'the first delivery to end',
  });
  await enqueueTasks(fixture.queues, [again]);
  await waitFor(async () => Object.values(await task.getJobCounts()).every((count) => count === 0), {
    deadlineMs: 10_000,
    what: 'the second delivery to end',
  });
  const jobs = await wake.getJobs(['wait', 'prioritized']);
  expect(jobs.map((job) => job.data)).toEqual([{ swarmId, repair: true }]);
});

it('a late delivery of a swarm that is gone asks for nothing', async () => {
  await fixture.worker(model.url);
  const late = { swarmId: newSwarmId(Date.now()), taskId: 'task_001', attempt: 1, priority: 2 };
  await enqueueTasks(fixture.queues, [late]);
  await waitFor(
    async () => Object.values(await fixture.queues.task.getJobCounts()).every((count) => count === 0),
    {
      deadlineMs: 10_000,
      what: 'the delivery to end',
    },
  );
  expect(await fixture.queues.wake.count()).toBe(0);
  expect((await dispatchTasks(fixture.ledger, late.swarmId, 1)).queued).toEqual([]);
});

it('a worker is written down while it works, and forgotten when it has ended in order', async () => {
  const worker = await fixture.worker(model.url, { WORKER_ID: 'written-down', MAX_CONCURRENT_TASKS: '3' });
  expect(await listWorkers(fixture.ledger)).toMatchObject([{ workerId: 'written-down', concurrency: 3 }]);
  // What Redis lost comes back with the next heartbeat.
  await fixture.ledger.redis.del(fixture.ledger.keys.workers);
  await waitFor(async () => (await listWorkers(fixture.ledger)).length === 1, {
    deadlineMs: 10_000,
    what: 'the entry',
  });
  await worker.drain();
  await worker.close();
  expect(await listWorkers(fixture.ledger)).toEqual([]);
});
