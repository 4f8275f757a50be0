import { startTestRedis } from '@claude-flow/testing/redis';
import { startTcpProxy } from '@claude-flow/testing/tcp-proxy';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimAll, graph, newSwarm, openLedger, plan, result } from '../../test/ledger-fixture.ts';
import type { AgentDelta, SwarmEvent } from '../contracts/swarm-event.ts';
import { connectRedis } from '../redis/connect.ts';
import { completeTask } from '../store/completions.ts';
import type { Ledger } from '../store/ledger.ts';
import { deleteSwarm, getSwarm, startSwarm } from '../store/swarms.ts';
import { publishControl, subscribeControl } from './control.ts';
import { createDeltaPublisher } from './deltas.ts';
import { createFeed } from './feed.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis.url, redis.prefix);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await redis?.stop();
});

const subscriberTo = (url: string) => connectRedis({ url, name: 'core-test-subscriber', mode: 'patient' });

function collector() {
  const events: SwarmEvent[] = [];
  const deltas: AgentDelta[] = [];
  return {
    events,
    deltas,
    seqs: () => events.map((event) => event.seq),
    reader: {
      event: (event: SwarmEvent) => void events.push(event),
      delta: (delta: AgentDelta) => void deltas.push(delta),
    },
  };
}

async function runToEnd(swarmId: string, tasks = 30): Promise<number> {
  const edges = Object.fromEntries(
    Array.from({ length: tasks }, (_, i) => [`t${i}`, i === 0 ? [] : [`t${i - 1}`]]),
  );
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  for (let i = 0; i < tasks; i += 1) {
    for (const one of await claimAll(ledger, swarmId)) await completeTask(ledger, one, result('x'), {});
  }
  return (await getSwarm(ledger, swarmId))?.seq ?? 0;
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

test('readers that join before, during and after see every event once, in order', async () => {
  const feed = createFeed(ledger, await subscriberTo(redis.url), () => undefined);
  const swarmId = await newSwarm(ledger);
  const early = collector();
  await feed.follow(swarmId, 0, early.reader);
  const running = runToEnd(swarmId);
  await waitFor(() => early.events.length > 50, {
    deadlineMs: 5_000,
    everyMs: 1,
    what: 'the swarm is under way',
  });
  const middle = collector();
  const half = collector();
  await Promise.all([feed.follow(swarmId, 0, middle.reader), feed.follow(swarmId, 20, half.reader)]);
  const total = await running;
  const late = collector();
  const followed = await feed.follow(swarmId, 0, late.reader);
  expect(followed.seq).toBe(total);
  for (const one of [early, middle, late]) {
    await waitFor(() => one.events.length >= total, { deadlineMs: 5_000, what: 'all events' });
    expect(one.seqs()).toEqual(upTo(total));
  }
  await waitFor(() => half.events.length >= total - 20, { deadlineMs: 5_000, what: 'all events after 20' });
  expect(half.seqs()).toEqual(upTo(total).slice(20));
  feed.close();
});

test('a reader that left gets nothing more, and the last one ends the subscription', async () => {
  const feed = createFeed(ledger, await subscriberTo(redis.url), () => undefined);
  const swarmId = await newSwarm(ledger);
  const one = collector();
  const { end } = await feed.follow(swarmId, 0, one.reader);
  expect(feed.swarms).toBe(1);
  end();
  end();
  expect(feed.swarms).toBe(0);
  await runToEnd(swarmId, 2);
  expect(one.seqs()).toEqual([1]);
  feed.close();
});

test('what is no message of this version is told, and costs no event', async () => {
  const errors: unknown[] = [];
  const feed = createFeed(ledger, await subscriberTo(redis.url), (error) => errors.push(error));
  const swarmId = await newSwarm(ledger);
  const one = collector();
  await feed.follow(swarmId, 0, one.reader);
  const strange = ['', 'null', '{', '{"v":1,"seq":2,"type":"task.progress"}', '{"events":[null]}'];
  for (const text of strange) await ledger.redis.publish(ledger.keys.eventsChannel(swarmId), text);
  await ledger.redis.publish(ledger.keys.deltasChannel(swarmId), 'rubbish');
  const total = await runToEnd(swarmId, 2);
  await waitFor(() => one.events.length >= total, { deadlineMs: 5_000, what: 'all events' });
  expect(one.seqs()).toEqual(upTo(total));
  expect(one.deltas).toEqual([]);
  expect(errors).toHaveLength(strange.length + 1);
  feed.close();
});

test('a connection that breaks loses nothing: what was missed is read from the stream', async () => {
  const proxy = await startTcpProxy({ targetPort: Number(new URL(redis.url).port) });
  const subscriber = await subscriberTo(`redis://127.0.0.1:${proxy.port}`);
  const feed = createFeed(ledger, subscriber, () => undefined);
  const swarmId = await newSwarm(ledger);
  const one = collector();
  await feed.follow(swarmId, 0, one.reader);
  proxy.mode('reset');
  const total = await runToEnd(swarmId, 5);
  expect(one.events.length).toBeLessThan(total);
  proxy.mode('pass');
  await waitFor(() => one.events.length >= total, { deadlineMs: 10_000, what: 'the missed events' });
  expect(one.seqs()).toEqual(upTo(total));
  feed.close();
  await proxy.close();
});

test('a swarm that is deleted behind a reader’s back: the reader is told, and so is whoever comes later', async () => {
  const proxy = await startTcpProxy({ targetPort: Number(new URL(redis.url).port) });
  const feed = createFeed(ledger, await subscriberTo(`redis://127.0.0.1:${proxy.port}`), () => undefined);
  const swarmId = await newSwarm(ledger);
  const gone: string[] = [];
  await feed.follow(swarmId, 0, { event: () => undefined, gone: () => gone.push('live') });
  proxy.mode('reset');
  await deleteSwarm(ledger, swarmId);
  proxy.mode('pass');
  await waitFor(() => gone.length > 0, { deadlineMs: 10_000, what: 'the reader to be told' });
  const { end } = await feed.follow(swarmId, 2, { event: () => undefined, gone: () => gone.push('late') });
  expect(gone).toEqual(['live', 'late']);
  expect(feed.swarms).toBe(0);
  end();
  feed.close();
  await proxy.close();
});

test('a read that fails is tried again: it may be that of the last event', async () => {
  const proxy = await startTcpProxy({ targetPort: Number(new URL(redis.url).port) });
  let failures = 0;
  // As Redis answers while a long script runs.
  const busy = new Proxy(ledger.redis, {
    get(target, name) {
      if (name !== 'xrange' || failures === 0) return Reflect.get(target, name, target);
      failures -= 1;
      return () => Promise.reject(new Error('BUSY Redis is busy running a script.'));
    },
  });
  const errors: unknown[] = [];
  const subscriber = await subscriberTo(`redis://127.0.0.1:${proxy.port}`);
  const feed = createFeed({ ...ledger, redis: busy }, subscriber, (error) => errors.push(error));
  const swarmId = await newSwarm(ledger);
  const one = collector();
  await feed.follow(swarmId, 0, one.reader);
  proxy.mode('reset');
  const total = await runToEnd(swarmId, 3);
  failures = 2;
  proxy.mode('pass');
  await waitFor(() => one.events.length >= total, { deadlineMs: 10_000, what: 'the missed events' });
  expect(one.seqs()).toEqual(upTo(total));
  expect(errors.map(String).filter((text) => /BUSY/.test(text))).toHaveLength(2);
  feed.close();
  await proxy.close();
});

test('text of an agent arrives whole and gathered; a command reaches the workers', async () => {
  const feed = createFeed(ledger, await subscriberTo(redis.url), () => undefined);
  const swarmId = await newSwarm(ledger);
  const one = collector();
  await feed.follow(swarmId, 0, one.reader);
  const publisher = createDeltaPublisher(ledger, {
    swarmId,
    taskId: 'task_001',
    agentId: 'agent_001',
    attempt: 1,
  });
  for (let i = 0; i < 100; i += 1) publisher.write(`${i},`);
  publisher.flush();
  await waitFor(() => one.deltas.length > 0, { deadlineMs: 5_000, what: 'a delta' });
  expect(one.deltas).toHaveLength(1);
  expect(one.deltas[0]?.text).toBe(`${Array.from({ length: 100 }, (_, i) => i).join(',')},`);
  feed.close();

  const subscriber = await subscriberTo(redis.url);
  const commands: unknown[] = [];
  await subscribeControl(subscriber, ledger.keys.controlChannel, (message) => commands.push(message));
  await ledger.redis.publish(ledger.keys.controlChannel, '{"type":"explode"}');
  await ledger.redis.publish(ledger.keys.controlChannel, 'not even JSON');
  await publishControl(ledger, { type: 'stop', swarmId });
  await waitFor(() => commands.length > 0, { deadlineMs: 5_000, what: 'the command' });
  expect(commands).toEqual([{ type: 'stop', swarmId }]);
  subscriber.disconnect();
});
