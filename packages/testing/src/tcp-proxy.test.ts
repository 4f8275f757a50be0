import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { waitFor } from './wait-for.ts';

/** Answers each piece in capitals, and says goodbye when the client ends. */
let server: Server;
let received = '';
const peers = new Set<Socket>();
let proxy: TcpProxy;

beforeEach(async () => {
  received = '';
  server = createServer({ allowHalfOpen: true }, (socket) => {
    peers.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => peers.delete(socket));
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
      socket.write(text.toUpperCase());
    });
    socket.on('end', () => socket.end('BYE'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startTcpProxy({ targetPort: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  await proxy.close();
  for (const socket of peers) socket.destroy();
  server.close();
});

interface Client {
  socket: Socket;
  text(): string;
  /** The error code, or `closed`. */
  end: Promise<string>;
}

function open(): Client {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const end = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('close', () => resolve('closed'));
  });
  return { socket, text: () => text, end };
}

const answered = (client: Client, text: string) =>
  waitFor(() => client.text() === text, { deadlineMs: 10_000, what: `the answer ${text}` });

test('pass: data both ways, in order, and the end of each side', async () => {
  const client = open();
  client.socket.write('hello ');
  await answered(client, 'HELLO ');
  expect(proxy.connections).toBe(1);
  client.socket.end('world');
  expect(await client.end).toBe('closed');
  expect(client.text()).toBe('HELLO WORLDBYE');
  await waitFor(() => proxy.connections === 0, {
    deadlineMs: 10_000,
    what: 'the connection to be forgotten',
  });
  expect(proxy.accepted).toBe(1);
});

test('pass: more than the buffers hold arrives whole', async () => {
  const client = open();
  const sent = 'a'.repeat(5_000_000);
  client.socket.end(sent);
  expect(await client.end).toBe('closed');
  expect(client.text().length).toBe(sent.length + 'BYE'.length);
});

test('blackhole: nothing arrives and nobody is told; afterwards it arrives', async () => {
  const client = open();
  client.socket.write('one ');
  await answered(client, 'ONE ');
  proxy.mode('blackhole');
  const late = open();
  client.socket.write('two ');
  late.socket.write('three ');
  await waitFor(() => proxy.accepted === 2, { deadlineMs: 10_000, what: 'the second connection' });
  // Twenty round trips past the proxy: more than enough for what is in the air to arrive, if it could.
  const direct = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  for (let count = 0; count < 20; count += 1) {
    const answer = new Promise((resolve) => direct.once('data', resolve));
    direct.write('-');
    await answer;
  }
  direct.destroy();
  expect(received.replaceAll('-', '')).toBe('one ');
  expect([client.socket.destroyed, late.socket.destroyed]).toEqual([false, false]);
  proxy.mode('pass');
  await answered(client, 'ONE TWO ');
  await answered(late, 'THREE ');
});

test('reset: present and new connections are reset; pass lets new ones through again', async () => {
  const client = open();
  client.socket.write('one');
  await answered(client, 'ONE');
  proxy.mode('reset');
  expect(await client.end).toBe('ECONNRESET');
  expect(await open().end).toMatch(/ECONNRESET|EPIPE/);
  await waitFor(() => peers.size === 0, { deadlineMs: 10_000, what: 'the server to lose its connection' });
  proxy.mode('pass');
  const next = open();
  next.socket.write('again');
  await answered(next, 'AGAIN');
});

test('delay: everything arrives, in order, and not before its time', async () => {
  proxy.mode({ delayMs: 60 });
  const client = open();
  const sentAt = performance.now();
  for (const text of ['a', 'b', 'c']) client.socket.write(text);
  await answered(client, 'ABC');
  // There and back: a lower bound of the mode, not a measurement of speed.
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(119);
  proxy.mode('pass');
  client.socket.end();
  expect(await client.end).toBe('closed');
  expect(client.text()).toBe('ABCBYE');
});

test('a target that is not there looks so to the client', async () => {
  for (const socket of peers) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  expect(await open().end).toMatch(/ECONNRESET|EPIPE/);
});

test('close ends all connections and stops listening', async () => {
  const client = open();
  client.socket.write('one');
  await answered(client, 'ONE');
  await proxy.close();
  await client.end;
  expect(await open().end).toBe('ECONNREFUSED');
});
