import { batchOfEvent } from '@claude-flow/core/contracts/event-batch';
import { createDeltaPublisher } from '@claude-flow/core/relay/deltas';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { startMiniWorker } from './mini-worker.ts';
import { openSocket } from './socket-client.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let one: TestApi;
let two: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  [one, two] = [await startTestApi(redis), await startTestApi(redis)];
});
afterAll(async () => {
  await one?.api.close();
  await two?.api.close();
  await redis?.stop();
});

const create = async (body: object = diamondSwarm) =>
  (await one.post('/api/swarm/create', body)).json.swarmId as string;
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => index + from);
const lastEvent = async (swarmId: string) =>
  (await one.call(`/api/swarm/${swarmId}`)).json.data.lastEvent as number;
const isEvent = (type: string) => (frame: { eventType?: string }) => frame.eventType === type;
const isType = (type: string) => (frame: { type: string }) => frame.type === type;

async function runToTheEnd(swarmId: string): Promise<void> {
  const worker = startMiniWorker(redis);
  try {
    await two.post(`/api/swarm/${swarmId}/start`);
    await waitFor(async () => (await two.call(`/api/swarm/${swarmId}`)).json.data.status === 'completed', {
      deadlineMs: 10_000,
      what: 'the swarm to complete',
    });
  } finally {
    await worker.stop();
  }
}

describe('following swarms', () => {
  test('two servers, a socket on each: created on one, started on the other, the same events on both', async () => {
    const [left, right] = [await openSocket(one.api.url), await openSocket(two.api.url)];
    expect(left.frames[0] ?? (await left.frame(isType('connected'), 'connected'))).toMatchObject({
      type: 'connected',
      clientId: expect.stringMatching(/^client_/),
    });
    const swarmId = await create();
    left.send({ type: 'subscribe', swarmId });
    right.send({ type: 'subscribe', swarmId });
    await runToTheEnd(swarmId);
    for (const client of [left, right]) {
      await client.frame(isEvent('swarm.completed'), 'the end');
      expect(client.seqs(swarmId)).toEqual(numbers(await lastEvent(swarmId)));
      expect(client.frames.filter(isType('connected'))).toHaveLength(1);
    }
    expect(left.frames.find(isEvent('task.completed'))).toMatchObject({
      type: 'swarm_event',
      swarmId,
      epoch: expect.any(Number),
      data: { taskId: 'task_001', agentId: 'agent_001', attempt: 1 },
      timestamp: expect.any(String),
    });
    await Promise.all([left.close(), right.close()]);
  });

  test('the past first, then subscribed with its last number, then live', async () => {
    const swarmId = await create();
    const past = await lastEvent(swarmId);
    const client = await openSocket(one.api.url);
    client.send({ type: 'subscribe', swarmId });
    const subscribed = await client.frame(isType('subscribed'), 'the answer');
    expect(subscribed).toEqual({ type: 'subscribed', swarmId, seq: past, epoch: expect.any(Number) });
    expect(client.seqs(swarmId)).toEqual(numbers(past));
    expect(client.frames.at(-1)).toEqual(subscribed);
    await one.post(`/api/swarm/${swarmId}/stop`);
    await client.frame(isEvent('swarm.stopped'), 'the stop');
    expect(client.seqs(swarmId)).toEqual(numbers(await lastEvent(swarmId)));
    await client.close();
  });

  test('a client that lost its connection goes on after the last number it saw, on another server', async () => {
    const swarmId = await create();
    const first = await openSocket(one.api.url);
    first.send({ type: 'subscribe', swarmId });
    await first.frame(isType('subscribed'), 'the answer');
    first.socket.terminate();
    const seen = first.seqs(swarmId);
    await runToTheEnd(swarmId);
    const second = await openSocket(two.api.url);
    second.send({ type: 'subscribe', swarmId, after: seen.at(-1) });
    await second.frame(isEvent('swarm.completed'), 'the end');
    expect([...seen, ...second.seqs(swarmId)]).toEqual(numbers(await lastEvent(swarmId)));
    await second.close();
  });

  test('subscribing again sends nothing twice, also while the past is on its way', async () => {
    const swarmId = await create();
    const client = await openSocket(one.api.url);
    for (let i = 0; i < 3; i += 1) client.send({ type: 'subscribe', swarmId });
    await client.frame(isType('subscribed'), 'the answer');
    client.send({ type: 'subscribe', swarmId, after: 0 });
    await waitFor(() => client.frames.filter(isType('subscribed')).length >= 2, {
      deadlineMs: 5_000,
      what: 'the second answer',
    });
    await one.post(`/api/swarm/${swarmId}/stop`);
    await client.frame(isEvent('swarm.stopped'), 'the stop');
    expect(client.seqs(swarmId)).toEqual(numbers(await lastEvent(swarmId)));
    await client.close();
  });

  test('only swarms followed, and none after unsubscribe', async () => {
    const [followed, other] = [await create(), await create()];
    const client = await openSocket(one.api.url);
    client.send({ type: 'subscribe', swarmId: followed });
    await client.frame(isType('subscribed'), 'the answer');
    client.send({ type: 'unsubscribe', swarmId: followed });
    await client.frame(isType('unsubscribed'), 'the answer');
    const before = client.seqs(followed).length;
    await one.post(`/api/swarm/${followed}/stop`);
    await one.post(`/api/swarm/${other}/stop`);
    // An answer that was asked for afterwards: whatever was to come has come.
    client.send({ type: 'subscribe', swarmId: other });
    await client.frame(isEvent('swarm.stopped'), 'the other swarm');
    expect(client.seqs(followed)).toHaveLength(before);
    expect(client.frames.every((frame) => frame.swarmId !== other || frame.type !== 'error')).toBe(true);
    await client.close();
  });

  test('text as an agent writes it', async () => {
    const swarmId = await create();
    const client = await openSocket(one.api.url);
    client.send({ type: 'subscribe', swarmId });
    await client.frame(isType('subscribed'), 'the answer');
    const ledger = await openLedger(redis);
    const from = { swarmId, taskId: 'task_001', agentId: 'agent_001', attempt: 1 };
    const deltas = createDeltaPublisher(ledger, from);
    deltas.write('Once upon');
    deltas.flush();
    expect(await client.frame(isType('agent_delta'), 'the text')).toEqual({
      type: 'agent_delta',
      ...from,
      text: 'Once upon',
    });
    ledger.redis.disconnect();
    await client.close();
  });
});

describe('the conversation', () => {
  test('ping, and everything that cannot be understood: an error, and the socket stays open', async () => {
    const client = await openSocket(one.api.url);
    const complaints: [unknown, string][] = [
      ['{', 'malformed_message'],
      ['[]', 'unknown_type'],
      ['"text"', 'malformed_message'],
      [{ type: 'dance' }, 'unknown_type'],
      [{ type: 'subscribe' }, 'malformed_message'],
      [{ type: 'subscribe', swarmId: 'x', after: -1 }, 'malformed_message'],
      [{ type: 'subscribe', swarmId: 'swarm_123' }, 'swarm_not_found'],
      [{ type: 'subscribe', swarmId: '*', places: { x: 1 } }, 'malformed_message'],
    ];
    for (const [message, code] of complaints) {
      const before = client.frames.length;
      client.send(message);
      const answer = await waitFor(() => client.frames[before], {
        deadlineMs: 5_000,
        what: `an answer to ${message}`,
      });
      expect(answer).toMatchObject({ type: 'error', code, message: expect.stringMatching(/\.$/) });
    }
    client.socket.send(Buffer.from([1, 2, 3]));
    await waitFor(() => client.frames.filter(isType('error')).length === complaints.length + 1, {
      deadlineMs: 5_000,
      what: 'an answer to bytes',
    });
    client.send({ type: 'ping' });
    await client.frame(isType('pong'), 'a pong');
    await client.close();
  });

  test('a frame that is too large ends the connection with 1009', async () => {
    const client = await openSocket(one.api.url);
    client.send(JSON.stringify({ type: 'ping', text: 'x'.repeat(65_536) }));
    expect((await client.closed()).code).toBe(1009);
  });

  test('at most 50 swarms at once', async () => {
    const client = await openSocket(one.api.url);
    const ids = await Promise.all(numbers(51).map(() => create()));
    for (const swarmId of ids) client.send({ type: 'subscribe', swarmId });
    const refused = await client.frame(isType('error'), 'the refusal');
    expect(refused).toMatchObject({ code: 'too_many_subscriptions', swarmId: ids[50] });
    await waitFor(() => client.frames.filter(isType('subscribed')).length === 50, {
      deadlineMs: 10_000,
      what: 'the other fifty',
    });
    await client.close();
  });
});

describe('the connection', () => {
  test('a client that answers no ping is ended, one that does is not', async () => {
    const quick = await startTestApi(redis, { WS_HEARTBEAT: '100' });
    const [dead, alive] = [await openSocket(quick.api.url), await openSocket(quick.api.url)];
    let pings = 0;
    alive.socket.on('ping', () => {
      pings += 1;
    });
    // A client whose machine is gone: nothing is read, nothing answered.
    dead.socket.pause();
    await waitFor(async () => (await quick.call('/api/system/stats')).json.server.connectedClients === 1, {
      deadlineMs: 5_000,
      what: 'the silent client to be forgotten',
    });
    await waitFor(() => pings >= 4, { deadlineMs: 5_000, what: 'some more pings' });
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
    dead.socket.terminate();
    await alive.close();
    await quick.api.close();
  });

  test('a reader that does not read is cut off; others do not feel it', async () => {
    const own = await startTestApi(redis);
    const swarmId = await create();
    const [slow, quick] = [await openSocket(own.api.url), await openSocket(own.api.url)];
    for (const client of [slow, quick]) {
      client.send({ type: 'subscribe', swarmId });
      await client.frame(isType('subscribed'), 'the answer');
    }
    slow.socket.pause();
    const ledger = await openLedger(redis);
    const channel = ledger.keys.eventsChannel(swarmId);
    const key = ledger.keys.swarm(swarmId, 'events');
    const padding = 'x'.repeat(200_000);
    let seq = await lastEvent(swarmId);
    const emit = async () => {
      seq += 1;
      const text = batchOfEvent({
        v: 1,
        epoch: 1,
        seq,
        type: 'task.progress',
        at: Date.now(),
        swarmId,
        data: { padding },
      });
      await ledger.redis.xadd(key, `${seq}-0`, 'e', text);
      await ledger.redis.publish(channel, text);
      await quick.frame((frame) => frame.seq === seq, `event ${seq}`);
    };
    const connected = async () => (await own.call('/api/system/stats')).json.server.connectedClients;
    expect(await connected()).toBe(2);
    // What the kernel buffers on both sides comes on top of our own limit: some ten megabytes at most.
    for (let i = 0; i < 100 && (await connected()) === 2; i += 1) await emit();
    await waitFor(async () => (await connected()) === 1, {
      deadlineMs: 10_000,
      what: 'the slow one to be cut off',
    });
    slow.socket.resume();
    const { code } = await slow.closed();
    expect([1006, 1013]).toContain(code);
    expect(quick.seqs(swarmId)).toEqual(numbers(seq));
    ledger.redis.disconnect();
    await quick.close();
    await own.api.close();
  });

  test('a long past arrives whole at a reader that reads', async () => {
    const tasks = numbers(1_500).map((n) => ({
      key: `t${n}`,
      name: `Task ${n}`,
      description: 'Do what there is to do',
    }));
    const swarmId = await create({ objective: 'A very broad objective', tasks });
    const client = await openSocket(one.api.url);
    client.send({ type: 'subscribe', swarmId });
    const { seq } = await client.frame(isType('subscribed'), 'the past');
    expect(client.seqs(swarmId)).toEqual(numbers(seq));
    expect(seq).toBeGreaterThan(1_500);
    await client.close();
  });

  test('a server that stops closes with 1012', async () => {
    const short = await startTestApi(redis);
    const client = await openSocket(short.api.url);
    await short.api.close();
    expect((await client.closed()).code).toBe(1012);
  });
});

describe('who may connect', () => {
  const key = 'a-key-that-is-long-enough';
  let guarded: TestApi;
  beforeAll(async () => {
    guarded = await startTestApi(redis, {
      HOST: '127.0.0.1',
      REDIS_PREFIX: `${redis.prefix}-guarded`,
      AUTH_ENABLED: 'true',
      API_KEYS: `${key},another-key-long-enough`,
      CORS_ORIGINS: 'https://a.example',
    });
  });
  afterAll(() => guarded?.api.close());

  test('nobody without a key: 401 before the upgrade', async () => {
    await expect(openSocket(guarded.api.url)).rejects.toThrow('refused: 401');
    await expect(openSocket(guarded.api.url, { query: '?ticket=guess' })).rejects.toThrow('refused: 401');
    await expect(openSocket(guarded.api.url, { protocols: ['claude-flow', 'key.wrong'] })).rejects.toThrow(
      'refused: 401',
    );
  });

  test('by header, by subprotocol (which does not repeat the key), by a ticket, once', async () => {
    const byHeader = await openSocket(guarded.api.url, { headers: { 'x-api-key': key } });
    const byProtocol = await openSocket(guarded.api.url, { protocols: ['claude-flow', `key.${key}`] });
    expect(byProtocol.socket.protocol).toBe('claude-flow');
    const { ticket, expiresIn } = (await guarded.post('/api/ws-ticket', undefined, { key })).json;
    expect(expiresIn).toBe(30);
    const query = `?ticket=${ticket}`;
    const byTicket = await openSocket(guarded.api.url, { query });
    await expect(openSocket(guarded.api.url, { query })).rejects.toThrow('refused: 401');
    const swarm = await guarded.post('/api/swarm/create', diamondSwarm, { key });
    for (const client of [byHeader, byProtocol, byTicket]) {
      client.send({ type: 'subscribe', swarmId: swarm.json.swarmId });
      await client.frame(isType('subscribed'), 'the answer');
      await client.close();
    }
  });

  test('another owner’s swarm does not exist', async () => {
    const swarm = await guarded.post('/api/swarm/create', diamondSwarm, { key });
    const other = await openSocket(guarded.api.url, { headers: { 'x-api-key': 'another-key-long-enough' } });
    other.send({ type: 'subscribe', swarmId: swarm.json.swarmId });
    expect(await other.frame(isType('error'), 'the refusal')).toMatchObject({ code: 'swarm_not_found' });
    await other.close();
  });

  test('pages of strange origins: 403; named ones and our own: welcome', async () => {
    const from = (origin: string) => openSocket(guarded.api.url, { headers: { origin, 'x-api-key': key } });
    await expect(from('https://b.example')).rejects.toThrow('refused: 403');
    for (const origin of ['https://a.example', guarded.api.url]) await (await from(origin)).close();
  });

  test('WS_ENABLED=false: refused, REST works', async () => {
    const off = await startTestApi(redis, { WS_ENABLED: 'false' });
    await expect(openSocket(off.api.url)).rejects.toThrow('refused: 503');
    expect((await off.call('/api/swarms')).status).toBe(200);
    await off.api.close();
  });
});
