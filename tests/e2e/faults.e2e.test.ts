import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { mockControl } from './support/mock-control.ts';
import { allEvents, clientOf, completed, ended, eventsSoFar, taskWhere } from './support/swarm.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ workers: 2, model: { kind: 'mock', latencyMs: 150 } });
});
afterAll(() => stack?.stop());
afterEach(() => mockControl(stack.mockUrl).reset());

test('a worker killed in the middle: the swarm completes, no task has two results, no paid turn is paid again', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const before = await mockControl(stack.mockUrl).stats();
  const { swarmId } = await client.createSwarm('Build a REST API for user management', {
    strategy: 'development',
    autoStart: true,
  });
  // Killed once a task of its own is some turns in, so that there is a journal to go on from.
  const victim = await waitFor(
    async () => {
      const events = await eventsSoFar(stack.apiUrls[0], swarmId);
      const progress = events.find(
        (event) => event.type === 'task.progress' && Number(event.data['turn']) >= 2,
      );
      const started = events.findLast(
        (event) => event.type === 'task.started' && event.taskId === progress?.taskId,
      );
      const over = events.some(
        (event) => event.type === 'task.completed' && event.taskId === progress?.taskId,
      );
      return started !== undefined && !over
        ? { taskId: started.taskId, workerId: started.data['workerId'] }
        : undefined;
    },
    { deadlineMs: 30_000, everyMs: 25, what: 'a task is some turns in' },
  );
  const worker = stack.workers.find((one) => one.name === victim.workerId);
  if (worker === undefined) throw new Error(`no worker with the id ${victim.workerId}`);
  await worker.kill('SIGKILL');
  await stack.startWorker();

  await completed(client, swarmId);
  const events = await allEvents(client, swarmId);
  expect(events.some((event) => event.type === 'task.retrying' && event.data['code'] === 'worker_lost')).toBe(
    true,
  );
  const attempts = events.filter((event) => event.type === 'task.started' && event.taskId === victim.taskId);
  expect(attempts.length).toBeGreaterThan(1);
  expect(attempts.at(-1)?.data['workerId']).not.toBe(victim.workerId);
  const results = events.filter((event) => event.type === 'task.completed').map((event) => event.taskId);
  expect(results.length).toBe(new Set(results).size);
  // The turns under way at the moment of the kill may be paid again, one a task; those answered before may not.
  const hit = new Set(events.filter((event) => event.type === 'task.retrying').map((event) => event.taskId));
  const after = await mockControl(stack.mockUrl).stats();
  expect(after.repeatedPrefixes - before.repeatedPrefixes).toBeLessThanOrEqual(hit.size);
});

test('a model that answers 529 twice and then works: completed, no attempt spent', async () => {
  const client = clientOf(stack.apiUrls[0]);
  await mockControl(stack.mockUrl).misbehave([
    { match: { agentType: 'coder' }, times: 2, respond: { status: 529 } },
  ]);
  const { swarmId } = await client.createSwarm('One task that meets an overloaded model', {
    autoStart: true,
    tasks: [{ key: 'a', name: 'Only task', description: 'Write something short.', agentType: 'coder' }],
  });
  await completed(client, swarmId);
  const events = await allEvents(client, swarmId);
  expect(events.filter((event) => event.type === 'task.started')).toHaveLength(1);
  const { logs } = await client.getLogs(swarmId, { limit: 100, level: 'warn' });
  expect(logs.filter((line) => line.taskId === 'task_001').length).toBeGreaterThanOrEqual(2);
});

test('garbage from the planner: the template is used, and the event says that the plan is degraded', async () => {
  const client = clientOf(stack.apiUrls[0]);
  await mockControl(stack.mockUrl).misbehave([
    { match: { agentType: 'planner' }, respond: { text: 'I would rather talk about the weather.' } },
  ]);
  const { swarmId } = await client.createSwarm('Analyse the traffic of a small town', {
    strategy: 'analysis',
    autoStart: true,
  });
  const details = await completed(client, swarmId);
  const planned = (await allEvents(client, swarmId)).filter((event) => event.type === 'swarm.planned');
  expect(planned).toHaveLength(1);
  expect(planned[0]?.data).toMatchObject({ degraded: true, source: 'template' });
  expect(String(planned[0]?.data['degradedReason'])).not.toBe('');
  expect(details['planDegraded']).toBe(true);
});

test('stop in the middle: no model call begins more than 2 s later, and nothing completes afterwards', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const { swarmId } = await client.createSwarm('Build a REST API for parking spaces', {
    strategy: 'development',
    autoStart: true,
  });
  await taskWhere(client, swarmId, 'a task runs', (task) => task.status === 'running');
  const answer = await client.stopSwarm(swarmId);
  const stoppedAt = Date.now();
  expect(answer.status).toBe('stopped');
  expect((await ended(client, swarmId)).reason).toBe('stopped');
  const control = mockControl(stack.mockUrl);
  // Whatever was in flight comes to its end; then three more seconds in which nothing may begin.
  await waitFor(
    async () => {
      const { inFlight } = await control.stats();
      return inFlight === 0 && Date.now() - stoppedAt > 3_000;
    },
    { deadlineMs: 20_000, everyMs: 100, what: 'the model has nothing more to do' },
  );
  const { lastCallStartedAt } = await control.stats();
  expect(Number(lastCallStartedAt)).toBeLessThan(stoppedAt + 2_000);
  const events = await allEvents(client, swarmId);
  expect(events.at(-1)?.type).toBe('swarm.stopped');
  expect((await client.stopSwarm(swarmId)).status).toBe('stopped');
  const { tasks } = await client.getTasks(swarmId);
  expect(tasks.every((task) => ['cancelled', 'completed'].includes(task.status))).toBe(true);
});

test('a swarm past its deadline fails with the reason, and its agents stop', async () => {
  const client = clientOf(stack.apiUrls[0]);
  await mockControl(stack.mockUrl).misbehave([{ match: { agentType: 'analyst' }, respond: { hang: true } }]);
  const { swarmId } = await client.createSwarm('A model that never answers', {
    timeout: 30_000,
    autoStart: true,
    tasks: [
      { key: 'a', name: 'Only task', description: 'Wait for ever for the model.', agentType: 'analyst' },
    ],
  });
  const details = await ended(client, swarmId, 45_000);
  expect(details).toMatchObject({ status: 'failed', reason: 'timeout' });
  const control = mockControl(stack.mockUrl);
  await waitFor(async () => (await control.stats()).inFlight === 0, {
    deadlineMs: 5_000,
    what: 'the call is aborted',
  });
});

test('SIGTERM of a worker hands its tasks to another one without spending a retry', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const { swarmId } = await client.createSwarm('Build a REST API for garden tools', {
    strategy: 'development',
    autoStart: true,
  });
  const started = await waitFor(
    async () => (await eventsSoFar(stack.apiUrls[0], swarmId)).find((event) => event.type === 'task.started'),
    { deadlineMs: 20_000, everyMs: 25, what: 'a task has started' },
  );
  const worker = stack.workers.find((one) => one.name === started.data['workerId']);
  if (worker === undefined) throw new Error('the worker is not ours');
  await stack.startWorker();
  await worker.kill('SIGTERM');
  expect(await worker.exited).toMatchObject({ code: 0 });
  await completed(client, swarmId);
  const events = await allEvents(client, swarmId);
  for (const event of events.filter((one) => one.type === 'task.retrying')) {
    expect(event.data).toMatchObject({ code: 'handed_back', failures: 0, crashes: 0 });
  }
});
