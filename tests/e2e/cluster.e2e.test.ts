import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { startTestRedisCluster, type TestRedisCluster } from '@claude-flow/testing/redis-cluster';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allEvents, clientOf, completed, upTo } from './support/swarm.ts';

let cluster: TestRedisCluster;
let stack: Stack;
beforeAll(async () => {
  cluster = await startTestRedisCluster(3);
  stack = await startStack({ redisUrl: cluster.url, apis: 2, model: { kind: 'mock', latencyMs: 20 } });
}, 90_000);
afterAll(async () => {
  await stack?.stop();
  await cluster?.stop();
});

test('on a Redis Cluster: swarms complete, followed on the other API, without a gap', async () => {
  const [one, other] = stack.apiUrls.map(clientOf);
  if (one === undefined || other === undefined) throw new Error('two APIs should run');
  const create = () => one.createSwarm('Compare three message queues for a small team', { autoStart: true });
  const swarms = await Promise.all([create(), create(), create(), create()]);
  for (const { swarmId } of swarms) {
    const events = await allEvents(other, swarmId);
    const details = await completed(other, swarmId);
    expect(events.map((event) => event.seq)).toEqual(upTo(details.lastEvent));
    expect(events.at(-1)?.type).toBe('swarm.completed');
    const { results } = await other.getResults(swarmId);
    expect(Object.keys(results.outputs).length).toBeGreaterThan(1);
  }
}, 120_000);

test('on a Redis Cluster: a stop reaches the workers', async () => {
  const [client] = stack.apiUrls.map(clientOf);
  if (client === undefined) throw new Error('an API should run');
  const { swarmId } = await client.createSwarm('Build a REST API for user management', { autoStart: true });
  await client.stopSwarm(swarmId);
  const events = await allEvents(client, swarmId);
  expect(events.at(-1)?.type).toBe('swarm.stopped');
});
