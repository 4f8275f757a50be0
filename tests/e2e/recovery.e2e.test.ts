import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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

test('a killed worker: the next attempt starts long before the lease ends, and there is one result', async () => {
  await hang(1);
  const client = clientOf(url);
  const swarmId = await oneTask(client, 'Survive the loss of a worker');
  await attemptStarted(stack, swarmId, 1);
  const killedAt = Date.now();
  (await workerOf(stack, swarmId)).kill('SIGKILL');
  const next = await attemptStarted(stack, swarmId, 2);
  const tookMs = Date.parse(String(next.timestamp)) - killedAt;
  console.log(`worker killed -> next attempt started: ${tookMs} ms`);
  expect(tookMs).toBeLessThan(FAST_MS);
  await stack.startWorker();
  await completed(client, swarmId);
  const events = await allEvents(client, swarmId);
  expect(events.find((event) => event.type === 'task.retrying')?.data['code']).toBe('worker_lost');
  expect(events.filter((event) => event.type === 'task.completed')).toHaveLength(1);
});
