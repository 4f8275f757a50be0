import { connect, type Socket } from 'node:net';
import { batchOfEvent } from '@claude-flow/core/contracts/event-batch';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { getSwarm } from '@claude-flow/core/store/swarms';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { openEventStream } from './event-stream.ts';
import { openSocket } from './socket-client.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

const DEADLINE_MS = 20_000;
let redis: TestRedis;
let server: TestApi;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  ledger = await openLedger(redis);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await server?.api.close();
  await redis?.stop();
});

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const connected = async () => (await server.call('/api/system/stats')).json.server.connectedClients;

/** A swarm, and what makes large events of it, one at a time. */
async function largeEvents() {
  const swarmId = (await server.post('/api/swarm/create', diamondSwarm)).json.swarmId as string;
  const swarm = await getSwarm(ledger, swarmId);
  let seq = swarm?.seq ?? 0;
  const data = { padding: 'x'.repeat(200_000) };
  return {
    swarmId,
    seq: () => seq,
    async emit() {
      seq += 1;
      const epoch = swarm?.epoch ?? 1;
      const text = batchOfEvent({ v: 1, epoch, seq, type: 'task.progress', at: Date.now(), swarmId, data });
      await ledger.redis.xadd(ledger.keys.swarm(swarmId, 'events'), `${seq}-0`, 'e', text);
      await ledger.redis.publish(ledger.keys.eventsChannel(swarmId), text);
    },
  };
}

/** A reader that asks for an event stream and reads no further than its head. */
async function deafStream(swarmId: string): Promise<Socket> {
  const { hostname, port } = new URL(server.api.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    `GET /api/swarm/${swarmId}/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  return socket;
}

test('an event stream that nobody reads is let go; those who read miss nothing', async () => {
  const events = await largeEvents();
  const quick = await openEventStream(server.api.url, events.swarmId);
  await quick.until((got) => got.length === events.seq(), 'the past');
  const before = await connected();
  const deaf = await deafStream(events.swarmId);
  expect(await connected()).toBe(before + 1);
  // The kernel keeps some megabytes besides.
  for (let i = 0; i < 100 && (await connected()) > before; i += 1) {
    await events.emit();
    await quick.until((got) => got.length === events.seq(), 'the next event');
  }
  expect(await connected()).toBe(before);
  expect(quick.events.map(({ id }) => Number.parseInt(id ?? '', 10))).toEqual(numbers(events.seq()));
  const ended = new Promise((resolve) => deaf.once('close', resolve));
  deaf.resume();
  await ended;
  await quick.close();
});

test('a slow socket loses text as it is written before it loses its connection', async () => {
  const events = await largeEvents();
  const [slow, quick] = [await openSocket(server.api.url), await openSocket(server.api.url)];
  for (const client of [slow, quick]) {
    client.send({ type: 'subscribe', swarmId: events.swarmId });
    await client.frame((frame) => frame.type === 'subscribed', 'the answer');
  }
  const before = await connected();
  slow.socket.pause();
  const delta = { swarmId: events.swarmId, taskId: 'task_001', agentId: 'agent_001', attempt: 1 };
  let deltas = 0;
  const write = async () => {
    deltas += 1;
    const text = `${deltas} ${'y'.repeat(50_000)}`;
    await ledger.redis.publish(ledger.keys.deltasChannel(events.swarmId), JSON.stringify({ ...delta, text }));
    await waitFor(() => quick.frames.filter(({ type }) => type === 'agent_delta').length === deltas, {
      deadlineMs: DEADLINE_MS,
      what: 'the text',
    });
  };
  // More text than the kernel and the limit keep together: all the same nobody is cut off for it.
  for (let i = 0; i < 400; i += 1) await write();
  expect(await connected()).toBe(before);
  slow.socket.resume();
  await events.emit();
  await slow.frame((frame) => frame.seq === events.seq(), 'the event');
  expect(slow.frames.filter(({ type }) => type === 'agent_delta').length).toBeLessThan(deltas);
  expect(slow.seqs(events.swarmId)).toEqual(numbers(events.seq()));
  expect(quick.frames.filter(({ type }) => type === 'agent_delta')).toHaveLength(deltas);
  await slow.close();
  await quick.close();
});
