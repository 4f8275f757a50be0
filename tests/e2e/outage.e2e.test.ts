import { type PrivateRedis, startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { startTcpProxy, type TcpProxy } from '@claude-flow/testing/tcp-proxy';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mockControl } from './support/mock-control.ts';
import { allEvents, clientOf, completed } from './support/swarm.ts';

/** Longer than a lease. */
const AWAY_MS = 12_000;
/** The calls under way outlast it, or end in the middle of it. */
const CALL_MS = [14_000, 6_000];

let redis: PrivateRedis;
let way: TcpProxy;
let stack: Stack;
beforeAll(async () => {
  redis = await startPrivateRedis();
  way = await startTcpProxy({ targetPort: Number(new URL(redis.url).port) });
  stack = await startStack({
    redisUrl: `redis://127.0.0.1:${way.port}`,
    workers: 2,
    model: { kind: 'mock', latencyMs: 50 },
  });
});
afterAll(async () => {
  way?.mode('pass');
  await stack?.stop();
  await way?.close();
  await redis?.stop();
});
beforeEach(() => mockControl(stack.mockUrl).reset());

const passed = async (ms: number) => {
  const until = performance.now() + ms;
  await waitFor(() => performance.now() >= until, { deadlineMs: 2 * ms + 10_000, what: `${ms} ms` });
};

const OUTAGES: Record<string, () => Promise<void>> = {
  'nothing passes on the way to it, and nobody is told': async () => {
    way.mode('blackhole');
    await passed(AWAY_MS);
    way.mode('pass');
  },
  'its connections are reset': async () => {
    way.mode('reset');
    await passed(AWAY_MS);
    way.mode('pass');
  },
  'it is killed and started again': async () => {
    await redis.kill();
    await passed(AWAY_MS);
    await redis.restart();
  },
};

test.each(Object.keys(OUTAGES))(
  'Redis away for longer than a lease while models answer (%s): no turn is paid twice, every task is done once',
  async (how) => {
    const control = mockControl(stack.mockUrl);
    const tasks = ['a', 'b', 'c', 'd'].map((key) => ({
      key,
      name: `Part ${key}`,
      description: `Write part ${key} of it.`,
      agentType: 'coder' as const,
    }));
    await control.misbehave(
      CALL_MS.map((latencyMs) => ({ match: { agentType: 'coder' }, times: 2, respond: { latencyMs } })),
    );
    const client = clientOf(stack.apiUrls[0]);
    const { swarmId } = await client.createSwarm(`Outlast an outage: ${how}`, { autoStart: true, tasks });
    await waitFor(async () => (await control.stats()).inFlight === tasks.length, {
      deadlineMs: 30_000,
      what: 'all agents to wait for their model',
    });
    await OUTAGES[how]?.();
    await completed(client, swarmId, 120_000);

    const stats = await control.stats();
    expect(stats).toMatchObject({ repeatedPrefixes: 0 });
    // No call was given up either: an answer that nobody waits for is paid as well.
    expect(stats.calls).toBe(stats.completed);
    const events = await allEvents(client, swarmId);
    expect(events.filter(({ type }) => type === 'task.completed')).toHaveLength(tasks.length);
    expect(events.filter(({ data }) => data['code'] === 'worker_lost')).toEqual([]);
  },
);
