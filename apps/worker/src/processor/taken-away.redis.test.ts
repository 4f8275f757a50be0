import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { publishControl } from '@claude-flow/core/relay/control';
import { completeTask } from '@claude-flow/core/store/completions';
import { readJournal } from '@claude-flow/core/store/journal';
import { stopSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, dispatchTasks, type TaskClaim } from '@claude-flow/core/store/tasks';
import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, modelStats, openFixture, scenario } from '../../test/fixture.ts';
import { type ScriptedModel, startScriptedModel } from '../../test/scripted-model.ts';

let fixture: Fixture;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await fixture.close();
  for (const close of closers.splice(0)) await close();
});

async function scripted(reply: Parameters<typeof startScriptedModel>[0]): Promise<ScriptedModel> {
  const model = await startScriptedModel(reply);
  closers.push(() => model.close());
  return model;
}

const idle = (worker: { readonly running: number }) =>
  waitFor(() => worker.running === 0, { deadlineMs: 10_000, what: 'the worker to be idle' });

/** Claims the swarm's one queued task as a worker would that is about to crash. */
async function claimByHand(swarmId: string, attempt: number, token: string): Promise<TaskClaim> {
  const wish = { swarmId, taskId: 'task_001', attempt, token, workerId: 'doomed' };
  const claimed = await claimTask(fixture.ledger, wish);
  if (!claimed.claimed) throw new Error(claimed.why);
  return claimed.claim;
}

describe('a task that went to another attempt', () => {
  it('is written to no more by the first, whose model call ends', async () => {
    const model = await scripted(() => 'hang');
    const worker = await fixture.worker(model.url);
    const swarmId = await fixture.swarm([{}]);
    await waitFor(() => model.requests.length === 1, { deadlineMs: 10_000, what: 'the model call' });

    await fixture.loseWorker(swarmId);
    const { queued } = await dispatchTasks(fixture.ledger, swarmId, 1);
    const claim = await claimByHand(swarmId, queued[0]?.attempt ?? 0, 'second');
    const before = await fixture.events(swarmId);
    const journal = await readJournal(fixture.ledger, swarmId, 'task_001');
    await idle(worker);

    expect(model.abandoned).toBe(1);
    expect(await fixture.events(swarmId)).toEqual(before);
    expect(await readJournal(fixture.ledger, swarmId, 'task_001')).toEqual(journal);
    const result = {
      summary: 's',
      decisions: [],
      output: '',
      openQuestions: [],
      artifacts: [],
      quality: null,
    };
    await completeTask(fixture.ledger, claim, result, {});
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect((await fixture.lines(swarmId)).filter((line) => line.startsWith('task.completed'))).toHaveLength(
      1,
    );
  });
});

describe('a stop', () => {
  const stop = (swarmId: string) =>
    stopSwarm(fixture.ledger, swarmId, { reason: 'stopped', message: 'By the test.' });
  const tell = (swarmId: string) => publishControl(fixture.ledger, { type: 'stop', swarmId });

  // Each way alone: the message without the ledger's word, and the ledger's word without the message.
  it.each([
    ['by the message to all workers', tell],
    ['by the heartbeat, when the message is lost', stop],
  ])('ends the model calls %s', async (_how, end) => {
    const model = await scripted(() => 'hang');
    const worker = await fixture.worker(model.url);
    const swarmId = await fixture.swarm([{}, {}]);
    await waitFor(() => model.requests.length === 2, { deadlineMs: 10_000, what: 'both model calls' });
    await end(swarmId);
    const events = await fixture.events(swarmId);
    await idle(worker);
    expect(model.abandoned).toBe(2);
    expect(model.requests).toHaveLength(2);
    expect(await fixture.events(swarmId)).toEqual(events);
  });

  it('ends the waiting for an overloaded model, and leaves other swarms alone', async () => {
    const model = await startMockAnthropic({ port: 0 });
    closers.push(() => model.close());
    await scenario(model.url, [
      { match: { contains: 'doomed objective' }, respond: { status: 529 } },
      { match: { contains: 'other objective' }, times: 1, respond: { status: 529 } },
    ]);
    const worker = await fixture.worker(model.url);
    const doomed = await fixture.swarm([{}], 'A doomed objective');
    const other = await fixture.swarm([{}], 'Some other objective');
    await waitFor(async () => (await modelStats(model.url)).calls >= 3, {
      deadlineMs: 10_000,
      what: 'calls',
    });
    await stop(doomed);
    await tell(doomed);
    expect(await fixture.ended(other)).toBe('completed');
    await idle(worker);
    expect((await fixture.lines(doomed)).at(-1)).toBe('swarm.stopped');
    await dispatchSwarm({ ledger: fixture.ledger, queues: fixture.queues }, doomed);
    expect(await fixture.queues.task.getJobCounts()).toMatchObject({ waiting: 0, active: 0 });
  });
});
