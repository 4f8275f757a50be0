import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, eventsSoFar, taskWhere, upTo } from './support/swarm.ts';

/** The requirement itself: behind any crowd, a small owner's swarm begins within this after its start was called. */
const STARTS_WITHIN_MS = 2_000;
const CROWD = 220;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    workers: 2,
    model: { kind: 'mock', latencyMs: 100 },
    env: { MAX_CONCURRENT_TASKS: '4' },
    envFor: {
      api: {
        AUTH_ENABLED: 'true',
        API_KEYS: 'key-of-the-crowd,key-of-the-small-one',
        MAX_SWARMS: '1000',
        RATE_LIMIT_MAX: '10000',
      },
    },
  });
});
afterAll(() => stack?.stop());

const oneTask = {
  tasks: [
    { key: 'a', name: 'Only task', description: 'Write something short.', agentType: 'coder' as const },
  ],
};

test('behind more than two hundred swarms of one owner, the one of another starts at once', async () => {
  const crowd = clientOf(stack.apiUrls[0], 'key-of-the-crowd');
  const small = clientOf(stack.apiUrls[0], 'key-of-the-small-one');
  const { swarmId } = await small.createSwarm('A small wish', oneTask);
  const crowdIds: string[] = [];
  for (const _ of upTo(CROWD / 20)) {
    const created = await Promise.all(
      upTo(20).map(() => crowd.createSwarm('One of very many wishes', { ...oneTask, autoStart: true })),
    );
    crowdIds.push(...created.map((one) => one.swarmId));
  }
  const calledAt = Date.now();
  await small.startSwarm(swarmId);
  await taskWhere(
    small,
    swarmId,
    'the small one begins',
    (task) => !['pending', 'ready', 'queued'].includes(task.status),
  );

  const events = await eventsSoFar(stack.apiUrls[0], swarmId, 'key-of-the-small-one');
  const begun = events.find((event) => event.type === 'task.started');
  expect((begun?.at ?? Number.POSITIVE_INFINITY) - calledAt).toBeLessThan(STARTS_WITHIN_MS);
  // There was a crowd to pass: most of it had not begun.
  const details = await Promise.all(crowdIds.slice(-20).map((id) => crowd.getSwarmStatus(id)));
  expect(details.every(({ data }) => data.status !== 'completed')).toBe(true);
});
