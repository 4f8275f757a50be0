import { startTestRedisCluster, type TestRedisCluster } from '@claude-flow/testing/redis-cluster';
import { waitFor } from '@claude-flow/testing/wait-for';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimAll, DIAMOND, graph, newSwarm, plan, result } from '../../test/ledger-fixture.ts';
import { taskJobSchema } from '../contracts/jobs.ts';
import type { Resync, SwarmEvent } from '../contracts/swarm-event.ts';
import { consume } from '../queue/consumer.ts';
import { dispatchSwarm } from '../queue/dispatcher.ts';
import { createQueues } from '../queue/queues.ts';
import { connectRedis, createRedis, type RedisClient } from '../redis/connect.ts';
import { durabilityWarning } from '../redis/durability.ts';
import { createRedisProbe } from '../redis/readiness.ts';
import { completeTask } from '../store/completions.ts';
import { reserveSwarmId } from '../store/idempotency.ts';
import { appendJournal, readJournal } from '../store/journal.ts';
import { createLedger, type Ledger } from '../store/ledger.ts';
import { withLock } from '../store/lock.ts';
import { forgetGoneSwarms } from '../store/retention.ts';
import { deleteSwarm, getSwarm, listOwnerSwarms, retireSwarm, startSwarm } from '../store/swarms.ts';
import { claimTask } from '../store/tasks.ts';
import { publishControl, subscribeControl } from './control.ts';
import { createDeltaPublisher } from './deltas.ts';
import { createFeed } from './feed.ts';

let cluster: TestRedisCluster;
let ledger: Ledger;
const opened: RedisClient[] = [];
const open = (name: string): RedisClient => {
  const redis = createRedis({ url: cluster.url, name, mode: 'patient' });
  opened.push(redis);
  return redis;
};

beforeAll(async () => {
  cluster = await startTestRedisCluster(3);
  const redis = await connectRedis({ url: cluster.url, name: 'core-test', mode: 'patient' });
  opened.push(redis);
  ledger = createLedger({ redis, prefix: 'cluster-test' });
}, 60_000);
afterAll(async () => {
  for (const redis of opened.splice(0)) redis.disconnect();
  await cluster?.stop();
});

async function started(edges: Record<string, string[]>): Promise<string> {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  return swarmId;
}

test('the connection is one to a cluster, ready, and warned of a server without an append-only file', async () => {
  expect(ledger.redis).toBeInstanceOf(Cluster);
  expect(await createRedisProbe(ledger).readiness()).toEqual({ ready: true });
  expect(await durabilityWarning(ledger.redis)).toContain('appendonly yes');
});

test('diamonds on all nodes run to their end through queue and relay, followed live', async () => {
  const errors: unknown[] = [];
  const queues = createQueues(ledger.redis, ledger.keys.queuePrefix, (error) => errors.push(error));
  const feed = createFeed(ledger, open('relay'), (error) => errors.push(error));
  const consumer = consume({
    queue: 'task',
    prefix: ledger.keys.queuePrefix,
    redis: open('consumer'),
    schema: taskJobSchema,
    concurrency: 10,
    onError: (error) => errors.push(error),
    handle: async (job) => {
      const claimed = await claimTask(ledger, {
        ...job,
        token: `${job.taskId}-${job.attempt}`,
        workerId: 'w',
      });
      if (!claimed.claimed) return;
      const entry = { kind: 'turn.requested', turn: 1, attempt: 1 } as const;
      await appendJournal(ledger, claimed.claim, 0, entry);
      await completeTask(ledger, claimed.claim, result(job.taskId), {});
      await dispatchSwarm({ ledger, queues }, job.swarmId);
    },
  });
  try {
    const swarms = await Promise.all(
      Array.from({ length: 9 }, async () => {
        const swarmId = await newSwarm(ledger);
        const events: SwarmEvent[] = [];
        const resyncs: Resync[] = [];
        await feed.follow(swarmId, 0, {
          event: (event) => void events.push(event),
          resync: (resync) => void resyncs.push(resync),
        });
        return { swarmId, events, resyncs };
      }),
    );
    const nodes = swarms.map(({ swarmId }) => nodeOf(ledger.keys.swarm(swarmId, 'meta')));
    expect(new Set(await Promise.all(nodes)).size).toBeGreaterThan(1);
    for (const { swarmId } of swarms) {
      await plan(ledger, swarmId, graph(DIAMOND));
      await startSwarm(ledger, swarmId);
      await dispatchSwarm({ ledger, queues }, swarmId);
    }
    for (const { swarmId, events, resyncs } of swarms) {
      const ended = () => events.at(-1)?.type === 'swarm.completed';
      await waitFor(ended, { deadlineMs: 20_000, what: `the end of ${swarmId}` });
      const swarm = await getSwarm(ledger, swarmId);
      expect(swarm?.status).toBe('completed');
      expect(events.map((event) => event.seq)).toEqual(
        Array.from({ length: swarm?.seq ?? 0 }, (_, i) => i + 1),
      );
      expect(resyncs).toEqual([]);
      expect(await readJournal(ledger, swarmId, 'task_004')).toHaveLength(1);
    }
    expect(errors).toEqual([]);
  } finally {
    await consumer.close();
    await queues.close();
    feed.close();
  }
}, 60_000);

/** Which of the servers holds a key, by the epoch of its life. */
async function nodeOf(key: string): Promise<string> {
  return (
    String(await ledger.redis.eval("return redis.call('INFO', 'server')", 1, key)).match(
      /run_id:(\w+)/,
    )?.[1] ?? ''
  );
}

test('text of agents, commands, locks, idempotency, retirement and deletion work across nodes', async () => {
  const swarmId = await started({ a: [] });
  const feed = createFeed(ledger, open('relay'), () => undefined);
  let text = '';
  await feed.follow(swarmId, 0, { event: () => undefined, delta: (delta) => (text += delta.text) });
  const delta = createDeltaPublisher(ledger, {
    swarmId,
    taskId: 'task_001',
    agentId: 'agent_001',
    attempt: 1,
  });
  delta.write('hello');
  delta.flush();
  const commands: unknown[] = [];
  await subscribeControl(open('control'), ledger.keys.controlChannel, (message) => commands.push(message));
  await publishControl(ledger, { type: 'stop', swarmId });
  await waitFor(() => text === 'hello' && commands.length === 1, {
    deadlineMs: 5_000,
    what: 'both messages',
  });
  feed.close();

  expect(await withLock(ledger, 'sweep', 5_000, async () => undefined)).toBe(true);
  const request = { owner: 'tester', idempotencyKey: 'k', body: '{}', freshId: swarmId };
  expect(await reserveSwarmId(ledger, request)).toBe(swarmId);
  expect(await reserveSwarmId(ledger, { ...request, freshId: 'another' })).toBe(swarmId);

  const [claim] = await claimAll(ledger, swarmId);
  if (claim === undefined) throw new Error('nothing claimed');
  await completeTask(ledger, claim, result('done'), {});
  await retireSwarm(ledger, swarmId, ['task_001']);
  await deleteSwarm(ledger, swarmId);
  expect(await listOwnerSwarms(ledger, 'tester', 0, 100)).not.toContain(swarmId);
  expect(await forgetGoneSwarms(ledger)).toBe(0);
  const left = await Promise.all(
    (ledger.redis as Cluster).nodes('master').map((node) => node.keys(`*${swarmId}*`)),
  );
  expect(left.flat()).toEqual([ledger.keys.swarm(swarmId, 'gone')]);
});

test('a subscription that is cut misses nothing', async () => {
  const swarmId = await started({ a: [] });
  const feed = createFeed(ledger, open('relay'), () => undefined);
  const events: SwarmEvent[] = [];
  await feed.follow(swarmId, 0, { event: (event) => void events.push(event) });
  const nodes = (ledger.redis as Cluster).nodes('master');
  await Promise.all(nodes.map((node) => node.call('CLIENT', 'KILL', 'TYPE', 'pubsub')));
  const [claim] = await claimAll(ledger, swarmId);
  if (claim === undefined) throw new Error('nothing claimed');
  await completeTask(ledger, claim, result('done'), {});
  const ended = () => events.at(-1)?.type === 'swarm.completed';
  await waitFor(ended, { deadlineMs: 15_000, what: 'the end of the swarm' });
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  feed.close();
});
