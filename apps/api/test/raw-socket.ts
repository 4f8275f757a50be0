import { connect, type Socket } from 'node:net';
import { waitFor } from '@claude-flow/testing/wait-for';

export interface RawSocket {
  socket: Socket;
  /** Everything received so far. */
  text(): string;
  write(text: string): void;
  /** Waits for the server to end the connection. @returns all it said */
  closed(deadlineMs?: number): Promise<string>;
}

const DEADLINE_MS = 10_000;

/** A connection that says exactly what it is told to. */
export async function openRaw(port: number): Promise<RawSocket> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let over = false;
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('close', () => {
    over = true;
  });
  socket.on('error', () => undefined);
  await waitFor(() => over || !socket.connecting, { deadlineMs: DEADLINE_MS, what: 'a connection' });
  return {
    socket,
    text: () => text,
    write: (more) => socket.write(more),
    async closed(deadlineMs = DEADLINE_MS) {
      await waitFor(() => over, { deadlineMs, what: 'the server to end the connection' });
      return text;
    },
  };
}

/** One HTTP answer, taken apart. */
export function readAnswer(text: string): { status: number; headers: string; body: string } {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), headers: head, body: rest.join('\r\n\r\n') };
}
