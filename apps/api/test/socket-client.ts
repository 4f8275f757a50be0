import { waitFor } from '@claude-flow/testing/wait-for';
import { WebSocket } from 'ws';

export interface SocketClient {
  socket: WebSocket;
  /** All frames so far. */
  // biome-ignore lint/suspicious/noExplicitAny: frames of every shape
  frames: any[];
  send(message: unknown): void;
  /** Waits until a frame passes. */
  // biome-ignore lint/suspicious/noExplicitAny: frames of every shape
  frame(passes: (frame: any) => boolean, what: string): Promise<any>;
  /** Numbers of the events of a swarm, as they came. */
  seqs(swarmId: string): number[];
  closed(): Promise<{ code: number; reason: string }>;
  close(): Promise<void>;
}

const DEADLINE_MS = 10_000;

export interface ConnectOptions {
  headers?: Record<string, string>;
  protocols?: string[];
  query?: string;
}

/** Opens /ws; rejects with the HTTP status when the upgrade is refused. */
export async function openSocket(url: string, options: ConnectOptions = {}): Promise<SocketClient> {
  const address = `${url.replace('http', 'ws')}/ws${options.query ?? ''}`;
  const socket = new WebSocket(address, options.protocols ?? [], { headers: options.headers ?? {} });
  const frames: unknown[] = [];
  let closing: { code: number; reason: string } | undefined;
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  socket.on('close', (code, reason) => {
    closing = { code, reason: String(reason) };
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      reject(new Error(`refused: ${response.statusCode}`));
    });
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  const client: SocketClient = {
    socket,
    frames: frames as SocketClient['frames'],
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    frame: (passes, what) => waitFor(() => client.frames.find(passes), { deadlineMs: DEADLINE_MS, what }),
    seqs: (swarmId) =>
      client.frames
        .filter((frame) => frame.type === 'swarm_event' && frame.swarmId === swarmId)
        .map((frame) => frame.seq),
    closed: () => waitFor(() => closing, { deadlineMs: DEADLINE_MS, what: 'the socket to be closed' }),
    async close() {
      socket.close();
      await client.closed();
    },
  };
  return client;
}
