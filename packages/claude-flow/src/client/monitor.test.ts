import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { SwarmMonitor } from './monitor.ts';
import type { MonitorMessage } from './monitor-messages.ts';
import type { SocketConstructor } from './socket.ts';

interface Wish {
  type: string;
  swarmId: string;
  after?: number;
}

const event = (seq: number, swarmId = 's', epoch = 1) => ({
  type: 'swarm_event',
  swarmId,
  eventType: 'task.progress',
  seq,
  epoch,
  data: {},
  timestamp: '2026-01-28T10:30:00.000Z',
});

/** Speaks the API's side: `answer` says what follows a client's message. */
async function server(answer: (socket: WebSocket, wish: Wish, connection: number) => void) {
  const wishes: Wish[] = [];
  const urls: string[] = [];
  const tickets = { status: 201, asked: [] as (string | undefined)[] };
  const http = createServer((request, response) => {
    tickets.asked.push(request.headers['x-api-key'] as string | undefined);
    response.writeHead(tickets.status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ ticket: 'one use', message: 'No.' }));
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket, request) => {
    urls.push(request.url ?? '');
    const connection = urls.length;
    socket.send(JSON.stringify({ type: 'connected', clientId: 'c' }));
    socket.on('message', (data) => {
      const wish = JSON.parse(String(data)) as Wish;
      wishes.push(wish);
      answer(socket, wish, connection);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    wishes,
    urls,
    tickets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const send = (socket: WebSocket, message: object) => socket.send(JSON.stringify(message));
const reconnect = { baseMs: 5, capMs: 20 };

function watch(monitor: SwarmMonitor) {
  const seqs: number[] = [];
  const seen: MonitorMessage[] = [];
  monitor.handleEvent = (message) => {
    seen.push(message);
    if (message.type === 'swarm_event') seqs.push(message.seq);
  };
  return { seqs, seen };
}

const implementations: [string, SocketConstructor | undefined][] = [
  ['the global WebSocket', undefined],
  ['that of ws', WebSocket as unknown as SocketConstructor],
];

describe.each(implementations)('SwarmMonitor with %s', (_name, Socket) => {
  const options = { reconnect, ...(Socket === undefined ? {} : { WebSocket: Socket }) };

  it('misses and repeats nothing, however often the connection is dropped', async () => {
    const last = 60;
    // Replays what was asked for, three events further each time, then drops the connection without a word.
    await using api = await server((socket, { after = 0 }) => {
      const until = Math.min(last, after + 3);
      // One too old, as if it had been under way already.
      if (after > 0) send(socket, event(after));
      for (let seq = after + 1; seq <= until; seq += 1) send(socket, event(seq));
      if (until < last) setImmediate(() => socket.terminate());
    });
    const monitor = new SwarmMonitor(api.url, options);
    const { seqs } = watch(monitor);
    monitor.connect();
    monitor.subscribe('s');
    await expect.poll(() => seqs.at(-1), { timeout: 15_000 }).toBe(last);
    monitor.close();
    expect(seqs).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    expect(api.wishes[0]).toEqual({ type: 'subscribe', swarmId: 's' });
    expect(api.urls.length).toBeGreaterThan(5);
  });
});

describe('SwarmMonitor', () => {
  it('remembers what was subscribed before the connection is there, once each', async () => {
    await using api = await server((socket, { swarmId }) => send(socket, event(1, swarmId)));
    const monitor = new SwarmMonitor(api.url, { reconnect });
    const { seqs } = watch(monitor);
    monitor.subscribe('a');
    monitor.connect();
    monitor.subscribe('b', { after: 0 });
    monitor.subscribe('a');
    await expect.poll(() => seqs.length).toBe(2);
    // As the published example does on `connected`.
    for (const swarmId of monitor.subscriptions) monitor.subscribe(swarmId);
    monitor.subscribe('c');
    await expect.poll(() => api.wishes.length).toBe(3);
    monitor.close();
    expect(api.wishes.map((wish) => wish.swarmId)).toEqual(['a', 'b', 'c']);
  });

  it('follows a server whose data went back in time', async () => {
    await using api = await server((socket) => {
      for (const message of [event(7), event(8), event(1, 's', 2), event(2, 's', 2)]) send(socket, message);
    });
    const monitor = new SwarmMonitor(api.url);
    const { seqs } = watch(monitor);
    monitor.connect();
    monitor.subscribe('s', { after: 6 });
    await expect.poll(() => seqs).toEqual([7, 8, 1, 2]);
    monitor.close();
  });

  it('asks again when the server could not take a subscription just then', async () => {
    await using api = await server((socket, { swarmId }) => {
      const refused = { type: 'error', code: 'redis_unavailable', message: 'Away.', swarmId };
      send(socket, api.wishes.length === 1 ? refused : event(1));
    });
    const monitor = new SwarmMonitor(api.url);
    const { seqs } = watch(monitor);
    monitor.connect();
    monitor.subscribe('s');
    await expect.poll(() => seqs, { timeout: 8_000 }).toEqual([1]);
    expect(api.urls).toHaveLength(1);
    monitor.close();
  });

  it('drops what does not exist, and what is no longer wanted', async () => {
    await using api = await server((socket, { type, swarmId }) => {
      if (swarmId === 'gone')
        send(socket, { type: 'error', code: 'swarm_not_found', message: 'No.', swarmId });
      else if (type === 'unsubscribe') send(socket, event(2));
      else send(socket, event(1));
    });
    const monitor = new SwarmMonitor(api.url);
    const errors: string[] = [];
    const seqs: number[] = [];
    monitor.on('error', ({ code }) => errors.push(code));
    const off = monitor.on('swarm_event', ({ seq }) => seqs.push(seq));
    monitor.connect();
    monitor.subscribe('gone');
    monitor.subscribe('s');
    await expect
      .poll(() => [errors, seqs, [...monitor.subscriptions]])
      .toEqual([['swarm_not_found'], [1], ['s']]);
    monitor.unsubscribe('s');
    await expect.poll(() => api.wishes.at(-1)).toEqual({ type: 'unsubscribe', swarmId: 's' });
    monitor.subscribe('other');
    await expect.poll(() => api.wishes.length).toBe(4);
    expect(seqs).toEqual([1]);
    off();
    monitor.close();
  });

  it('follows everything, and goes on where it stood in each swarm', async () => {
    const at = '2026-01-28T10:30:00.000Z';
    await using api = await server((socket, { swarmId }, connection) => {
      if (swarmId !== '*') return;
      if (connection === 1) {
        send(socket, { type: 'subscribed', swarmId: 'quiet', seq: 7, epoch: 1 });
        send(socket, { type: 'subscribed', swarmId: '*', seq: 0, swarms: 1 });
        for (const seq of [1, 2, 3]) send(socket, event(seq, 'new'));
        send(socket, {
          ...event(9, 'ended'),
          eventType: 'swarm.completed',
          timestamp: '2026-01-28T09:00:00Z',
        });
        setImmediate(() => socket.terminate());
      } else {
        for (const seq of [3, 4]) send(socket, event(seq, 'new'));
        send(socket, event(1, 'newer'));
      }
    });
    const monitor = new SwarmMonitor(api.url, { reconnect });
    const { seen } = watch(monitor);
    monitor.connect();
    monitor.subscribe('*');
    monitor.subscribe('named', { after: 5 });
    const got = () => seen.flatMap((one) => (one.type === 'swarm_event' ? `${one.swarmId} ${one.seq}` : []));
    await expect.poll(got).toEqual(['new 1', 'new 2', 'new 3', 'ended 9', 'new 4', 'newer 1']);
    monitor.close();
    const again = api.wishes.slice(-2);
    expect(again).toEqual([
      { type: 'subscribe', swarmId: 'named', after: 5 },
      {
        type: 'subscribe',
        swarmId: '*',
        since: Date.parse(at) - 60_000,
        places: { quiet: [7, 1], new: [3, 1] },
      },
    ]);
  });

  it('asks for the places of many swarms in messages that the server takes', async () => {
    await using api = await server((socket, { swarmId }, connection) => {
      if (swarmId !== '*' || connection > 1) return;
      for (let n = 0; n < 1_200; n += 1) send(socket, event(3, `swarm_${n}`));
      setImmediate(() => socket.terminate());
    });
    const monitor = new SwarmMonitor(api.url, { reconnect });
    monitor.handleEvent = () => undefined;
    monitor.subscribe('*', { after: 0 });
    monitor.connect();
    await expect.poll(() => api.wishes.length).toBe(4);
    monitor.close();
    const [first, ...again] = api.wishes as (Wish & { places?: object; more?: boolean })[];
    expect(first).toEqual({ type: 'subscribe', swarmId: '*', after: 0 });
    expect(again.map(({ places, more }) => [Object.keys(places ?? {}).length, more])).toEqual([
      [500, true],
      [500, true],
      [200, undefined],
    ]);
  });

  it('gives up a connection that is silent and makes another', async () => {
    await using api = await server((socket, { type }, connection) => {
      if (type === 'subscribe' && connection === 2) send(socket, event(1));
    });
    const monitor = new SwarmMonitor(api.url, { reconnect, heartbeatMs: 40 });
    const { seqs, seen } = watch(monitor);
    monitor.connect();
    monitor.subscribe('s');
    await expect.poll(() => seqs).toEqual([1]);
    monitor.close();
    expect(api.wishes.some((wish) => wish.type === 'ping')).toBe(true);
    expect(seen.some((message) => message.type === 'disconnected' && message.reconnecting)).toBe(true);
  });

  it('stays closed after close, and can be connected again', async () => {
    await using api = await server((socket, { after = 0 }) => send(socket, event(after + 1)));
    const monitor = new SwarmMonitor(api.url, { reconnect });
    const { seqs, seen } = watch(monitor);
    monitor.connect();
    monitor.subscribe('s');
    await expect.poll(() => seqs).toEqual([1]);
    monitor.close();
    monitor.close();
    expect(seen.at(-1)).toMatchObject({ type: 'disconnected', reconnecting: false });
    expect(monitor.ws).toBeNull();
    monitor.connect();
    await expect.poll(() => seqs).toEqual([1, 2]);
    expect(api.urls).toHaveLength(2);
    monitor.close();
  });

  it('turns its key into a ticket, a new one for each connection', async () => {
    await using api = await server((socket, { after = 0 }, connection) => {
      send(socket, event(after + 1));
      if (connection === 1) socket.terminate();
    });
    const monitor = new SwarmMonitor(api.url, { apiKey: 'cf_1', reconnect });
    const { seqs } = watch(monitor);
    monitor.connect();
    monitor.connect();
    monitor.subscribe('s');
    await expect.poll(() => api.urls.length).toBe(2);
    await expect.poll(() => seqs.length).toBeGreaterThan(0);
    monitor.close();
    expect(api.urls).toEqual(['/ws?ticket=one%20use', '/ws?ticket=one%20use']);
    expect(api.tickets.asked).toEqual(['cf_1', 'cf_1']);
  });

  it('does not try again with a key that is refused', async () => {
    await using api = await server(() => {});
    api.tickets.status = 401;
    const monitor = new SwarmMonitor(api.url, { apiKey: 'wrong', reconnect });
    const { seen } = watch(monitor);
    monitor.connect();
    await expect
      .poll(() => seen.at(-1))
      .toMatchObject({ type: 'disconnected', code: 4401, reconnecting: false });
    expect(api.tickets.asked).toHaveLength(1);
  });

  it('says what to do where there is no WebSocket', () => {
    const had = globalThis.WebSocket;
    Reflect.deleteProperty(globalThis, 'WebSocket');
    try {
      expect(() => new SwarmMonitor().connect()).toThrow("from 'ws'");
    } finally {
      globalThis.WebSocket = had;
    }
  });
});
