import { createQueues, type Queues } from '@claude-flow/core/queue/queues';
import { connectRedis, type RedisClient } from '@claude-flow/core/redis/connect';
import { createKeys } from '@claude-flow/core/redis/keys';
import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, expect, test } from 'vitest';
import { attemptStarted, oneTask, startsOf, workerOf } from './support/lost-worker.ts';
import { mockControl } from './support/mock-control.ts';
import { clientOf, clientWithKey, completed, eventsSoFar, taskWhere, upTo } from './support/swarm.ts';

const CROWD = 220;
const PLACES = 8;

let stack: Stack | undefined;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await stack?.stop();
});

const oneTaskOnly = {
  tasks: [
    { key: 'a', name: 'Only task', description: 'Write something short.', agentType: 'coder' as const },
  ],
};

async function queuesOf(running: Stack): Promise<{ queues: Queues; redis: RedisClient }> {
  const redis = await connectRedis({ url: running.redisUrl, name: 'fairness-test', mode: 'patient' });
  const queues = createQueues(redis, createKeys('cf').queuePrefix, () => undefined);
  closers.push(async () => {
    await queues.close();
    redis.disconnect();
  });
  return { queues, redis };
}

test('behind more than two hundred swarms of one owner, the one of another is soon at work', async () => {
  stack = await startStack({
    workers: 2,
    model: { kind: 'mock', latencyMs: 300 },
    env: { MAX_CONCURRENT_TASKS: String(PLACES / 2) },
    envFor: {
      api: {
        AUTH_ENABLED: 'true',
        API_KEYS: 'key-of-the-crowd,key-of-the-small-one',
        RATE_LIMIT_MAX: '10000',
      },
    },
  });
  const url = stack.apiUrls[0];
  const { queues } = await queuesOf(stack);
  const crowd = clientWithKey(url, 'key-of-the-crowd');
  const small = clientWithKey(url, 'key-of-the-small-one');
  const { swarmId } = await small.createSwarm('A small wish', oneTaskOnly);
  const crowdIds: string[] = [];
  let longest = 0;
  for (const _ of upTo(CROWD / 20)) {
    const created = await Promise.all(
      upTo(20).map(() => crowd.createSwarm('One of very many wishes', { ...oneTaskOnly, autoStart: true })),
    );
    crowdIds.push(...created.map((one) => one.swarmId));
    longest = Math.max(longest, await queues.task.count());
  }
  const startedBefore = async (at: number) => {
    const events = await Promise.all(crowdIds.map((id) => eventsSoFar(url, id, 'key-of-the-crowd')));
    return events.flat().filter((event) => event.type === 'task.started' && event.at < at).length;
  };
  const calledAt = Date.now();
  await small.startSwarm(swarmId);
  await taskWhere(
    small,
    swarmId,
    'the small one begins',
    (task) => !['pending', 'ready', 'queued'].includes(task.status),
  );
  const events = await eventsSoFar(url, swarmId, 'key-of-the-small-one');
  const begun = events.find((event) => event.type === 'task.started')?.at ?? Number.POSITIVE_INFINITY;
  console.log(
    `start called -> task started, behind ${CROWD} swarms: ${begun - calledAt} ms; longest queue ${longest}`,
  );

  // By order, not by time: no more of the crowd began meanwhile than the short queue, and a round of places.
  const between = (await startedBefore(begun)) - (await startedBefore(calledAt));
  expect(between).toBeLessThanOrEqual(3 * PLACES);
  // Eight; a process that is held up for over a second may add a few too late.
  expect(longest).toBeLessThanOrEqual(2 * PLACES);
  // There was a crowd to pass: most of it had not begun.
  expect(await startedBefore(begun)).toBeLessThan(CROWD - 3 * PLACES);
  // And nobody is forgotten.
  for (const id of crowdIds) await completed(crowd, id, 120_000);
});

test('a cap of two for the fleet: never more at work, and the places of a killed worker are soon free', async () => {
  stack = await startStack({
    workers: 2,
    model: { kind: 'mock', latencyMs: 50 },
    env: { CLAUDE_FLOW_MAX_AGENTS: '2', MAX_CONCURRENT_TASKS: '4' },
  });
  const client = clientOf(stack.apiUrls[0]);
  const model = mockControl(stack.mockUrl);
  const { queues } = await queuesOf(stack);
  const ids: string[] = [];
  for (const _ of upTo(6)) ids.push(await oneTask(client, 'One of six that want to run at once'));
  let most = 0;
  await waitFor(
    async () => {
      most = Math.max(most, (await model.stats()).inFlight, await queues.task.getActiveCount());
      const all = await Promise.all(ids.map((id) => client.getSwarmStatus(id)));
      return all.every(({ data }) => data.status === 'completed');
    },
    { deadlineMs: 60_000, everyMs: 5, what: 'all six to complete' },
  );
  expect(most).toBe(2);

  // Both places are taken by agents that hang, in one worker if need be after some tries; it is killed.
  await model.misbehave([{ match: { agentType: 'coder' }, times: 2, respond: { hang: true } }]);
  const [first, second] = [await oneTask(client, 'Hang in a worker'), await oneTask(client, 'Hang as well')];
  await attemptStarted(stack, first, 1);
  await attemptStarted(stack, second, 1);
  await waitFor(async () => (await model.stats()).inFlight === 2, { deadlineMs: 30_000, what: 'both calls' });
  const waiting = await oneTask(client, 'Wait for a place');
  const holders = new Set([await workerOf(stack, first), await workerOf(stack, second)]);
  expect(await startsOf(stack, waiting)).toEqual([]);
  const added = await stack.startWorker();
  for (const worker of holders) worker.kill('SIGKILL');
  for (const id of [waiting, first, second]) await completed(client, id);
  const last = (await startsOf(stack, waiting)).at(-1);
  const survivors = stack.workers.filter((one) => one.running).map((one) => one.name);
  expect(survivors).toContain(added.name);
  expect(survivors).toContain(String(last?.data['workerId']));
  await waitFor(async () => (await queues.task.getActiveCount()) === 0, {
    deadlineMs: 5_000,
    what: 'free places',
  });
});
