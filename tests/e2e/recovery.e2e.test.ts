import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runDoctor } from './support/doctor.ts';
import { attemptStarted, oneTask, startsOf, workerOf } from './support/lost-worker.ts';
import { mockControl } from './support/mock-control.ts';
import { allEvents, clientOf, completed, ended } from './support/swarm.ts';

/** Well below the lease (10 s): the fast path did it. The figures themselves are measured by `pnpm bench recovery`. */
const FAST_MS = 5_000;
/** After a start, the watch lets everybody connect before it takes anyone for dead. */
const RECONNECT_GRACE_MS = 5_000;

let stack: Stack;
let url: string | undefined;
beforeAll(async () => {
  stack = await startStack({ workers: 2, model: { kind: 'mock', latencyMs: 50 } });
  url = stack.apiUrls[0];
  const until = performance.now() + 1.5 * RECONNECT_GRACE_MS;
  await waitFor(() => performance.now() >= until, { deadlineMs: 30_000, what: 'the grace after the start' });
});
afterAll(() => stack?.stop());
afterEach(() => mockControl(stack.mockUrl).reset());

const hang = (times: number) =>
  mockControl(stack.mockUrl).misbehave([{ match: { agentType: 'coder' }, times, respond: { hang: true } }]);

/** The attempt has begun its model call: the one that hangs is spent on it. */
const callUnderWay = () =>
  waitFor(async () => (await mockControl(stack.mockUrl).stats()).inFlight > 0, {
    deadlineMs: 30_000,
    what: 'the model call',
  });

test('a killed worker: the next attempt starts long before the lease ends, and there is one result', async () => {
  await hang(1);
  const client = clientOf(url);
  const swarmId = await oneTask(client, 'Survive the loss of a worker');
  await attemptStarted(stack, swarmId, 1);
  await callUnderWay();
  const killedAt = Date.now();
  (await workerOf(stack, swarmId)).kill('SIGKILL');
  const next = await attemptStarted(stack, swarmId, 2);
  console.log(`worker killed -> next attempt started: ${next.at - killedAt} ms`);
  expect(next.at - killedAt).toBeLessThan(FAST_MS);
  await stack.startWorker();
  await completed(client, swarmId);
  const events = await allEvents(client, swarmId);
  expect(events.find((event) => event.type === 'task.retrying')?.data['code']).toBe('worker_lost');
  expect(events.filter((event) => event.type === 'task.completed')).toHaveLength(1);
});

test('the only scheduler killed, then a worker: another scheduler starts, and the task goes on', async () => {
  await hang(1);
  const client = clientOf(url);
  const swarmId = await oneTask(client, 'Survive the loss of a scheduler');
  await attemptStarted(stack, swarmId, 1);
  await callUnderWay();
  const [scheduler] = stack.schedulers.filter((one) => one.running);
  scheduler?.kill('SIGKILL');
  await scheduler?.exited;
  (await workerOf(stack, swarmId)).kill('SIGKILL');
  await stack.startScheduler();
  const readyAt = Date.now();
  const next = await attemptStarted(stack, swarmId, 2);
  console.log(`scheduler ready again -> next attempt started: ${next.at - readyAt} ms`);
  expect(next.at - readyAt).toBeLessThan(FAST_MS);
  await stack.startWorker();
  await completed(client, swarmId);
});

test('a scheduler killed while it plans: another one makes the plan', async () => {
  await mockControl(stack.mockUrl).misbehave([
    { match: { agentType: 'planner' }, times: 1, respond: { hang: true } },
  ]);
  const client = clientOf(url);
  const { swarmId } = await client.createSwarm('Plan this in spite of all', {
    strategy: 'research',
    autoStart: true,
  });
  await waitFor(async () => (await mockControl(stack.mockUrl).stats()).inFlight === 1, {
    deadlineMs: 30_000,
    what: 'the planning call',
  });
  await stack.startScheduler();
  stack.schedulers.filter((one) => one.running)[0]?.kill('SIGKILL');
  const killedAt = Date.now();
  await completed(client, swarmId);
  const planned = (await allEvents(client, swarmId)).find((event) => event.type === 'swarm.planned');
  console.log(`scheduler killed while it plans -> planned: ${Number(planned?.at) - killedAt} ms`);
  expect(planned?.data['source']).toBe('model');
});

test('a swarm created while there was no scheduler is planned by the next one', async () => {
  const client = clientOf(url);
  for (const one of stack.schedulers) one.kill('SIGKILL');
  await Promise.all(stack.schedulers.map((one) => one.exited));
  const { swarmId } = await client.createSwarm('Compare three databases', {
    strategy: 'research',
    autoStart: true,
  });
  await stack.startScheduler();
  await completed(client, swarmId);
});

test('a frozen worker: its lease ends, another goes on; thawed, its writes are refused and it works again', async () => {
  await mockControl(stack.mockUrl).misbehave([
    { match: { agentType: 'coder' }, times: 1, respond: { latencyMs: 1_500 } },
  ]);
  const client = clientOf(url);
  const swarmId = await oneTask(client, 'Survive a frozen worker');
  const first = await attemptStarted(stack, swarmId, 1);
  const frozen = await workerOf(stack, swarmId);
  frozen.kill('SIGSTOP');
  try {
    const next = await attemptStarted(stack, swarmId, 2);
    console.log(`worker frozen -> next attempt started: ${next.at - first.at} ms`);
    expect(next.data['workerId']).not.toBe(first.data['workerId']);
    await completed(client, swarmId);
  } finally {
    frozen.kill('SIGCONT');
  }
  await frozen.waitForLine((line) => line.includes('Stopped working on'), 30_000, 'the end of its attempt');
  const events = await allEvents(client, swarmId);
  expect(events.filter((event) => event.type === 'task.completed')).toMatchObject([{ attempt: 2 }]);
  for (const other of stack.workers.filter((one) => one.running && one !== frozen)) await other.stop();
  const last = await oneTask(client, 'Work for the thawed one alone');
  await completed(client, last);
  expect((await startsOf(stack, last)).at(-1)?.data['workerId']).toBe(first.data['workerId']);
  await stack.startWorker();
});

test('a task that takes down every worker is given up after three, with the reason', async () => {
  await hang(3);
  const client = clientOf(url);
  const swarmId = await oneTask(client, 'Kill whoever touches this');
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await attemptStarted(stack, swarmId, attempt);
    // Begun, not only taken: the loss of a worker is put down to nothing else.
    await callUnderWay();
    const worker = await workerOf(stack, swarmId);
    worker.kill('SIGKILL');
    await worker.exited;
    await stack.startWorker();
  }
  const details = await ended(client, swarmId);
  expect(details.status).toBe('failed');
  const events = await allEvents(client, swarmId);
  const failed = events.find((event) => event.type === 'task.failed');
  expect(failed?.data['code']).toBe('poison');
  expect(String(failed?.data['message'])).toContain('3 times');
});

test('the doctor finds nothing while the system runs, and mends what was broken while it did not', async () => {
  const doctor = (...args: string[]) => runDoctor(args, { REDIS_URL: stack.redisUrl });
  expect(await doctor()).toMatchObject({ code: 0, stdout: '' });
  expect(await doctor('--repair', '--dry-run')).toMatchObject({ code: 2 });
  for (const one of [...stack.schedulers, ...stack.workers]) one.kill('SIGKILL');
  await Promise.all([...stack.schedulers, ...stack.workers].map((one) => one.exited));
  const client = clientOf(url);
  const { swarmId } = await client.createSwarm('Find the lost plan', {
    strategy: 'research',
    autoStart: true,
  });
  await waitFor(async () => (await doctor('--json')).code === 1, { deadlineMs: 30_000, what: 'a finding' });
  const found = await doctor('--json');
  const lines = found.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  expect(lines.map(({ verdict }) => verdict)).toContain('worker-gone');
  expect((await doctor('--repair')).code).toBe(0);
  expect(await doctor()).toMatchObject({ code: 0 });
  await Promise.all([stack.startScheduler(), stack.startWorker()]);
  await completed(client, swarmId);
});
