import { connectRedis, type RedisClient } from '@claude-flow/core/redis/connect';
import { createLedger, type Ledger } from '@claude-flow/core/store/ledger';
import { readFreePlaces } from '@claude-flow/core/store/workers';
import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allEvents, clientOf, completed, upTo } from './support/swarm.ts';

/** Of the two workers together. */
const PLACES = 20;
const WIDTH = 6;
/** Which of two idle workers is the quicker one for a job is chance: several swarms are looked at. */
const SWARMS = 4;

let stack: Stack;
let redis: RedisClient;
let ledger: Ledger;
beforeAll(async () => {
  stack = await startStack({ workers: 2, model: { kind: 'mock', latencyMs: 300 } });
  redis = await connectRedis({ url: stack.redisUrl, name: 'spread-test', mode: 'patient' });
  ledger = createLedger({ redis, prefix: 'cf' });
});
afterAll(async () => {
  redis?.disconnect();
  await stack?.stop();
});

/** The count that the workers read says so. */
const bothIdle = () =>
  waitFor(async () => (await readFreePlaces(ledger)) === PLACES, {
    deadlineMs: 30_000,
    what: 'both workers to be idle',
  });

test('a wide swarm on two idle workers is spread over both, and not handed over to the one that did its first task', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const first = {
    key: 'first',
    name: 'The first',
    description: 'Begin with what all others need.',
    agentType: 'coder' as const,
  };
  const layer = upTo(WIDTH).map((i) => ({
    key: `part-${i}`,
    name: `Part ${i}`,
    description: `Write part ${i} of it.`,
    agentType: 'coder' as const,
    dependencies: ['first'],
  }));
  const elsewhere: number[] = [];
  for (const round of upTo(SWARMS)) {
    await bothIdle();
    const { swarmId } = await client.createSwarm(`Spread number ${round}`, {
      autoStart: true,
      tasks: [first, ...layer],
    });
    await completed(client, swarmId);
    const starts = (await allEvents(client, swarmId)).filter(({ type }) => type === 'task.started');
    const [home, ...others] = starts.map(({ data }) => String(data['workerId']));
    expect(others).toHaveLength(WIDTH);
    elsewhere.push(others.filter((worker) => worker !== home).length);
  }
  console.log(`of ${WIDTH} tasks beside it, on the other worker: ${elsewhere.join(', ')}`);
  // Handed over, all but one of a layer would have stayed.
  expect(elsewhere.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(SWARMS);
});
