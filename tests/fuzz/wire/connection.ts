import { connect, type Socket } from 'node:net';

/** A connection that sends exactly what it is told to. */
export interface Connection {
  socket: Socket;
  received(): Buffer;
  /** It has ended, from whichever side. */
  readonly over: boolean;
  /** Resolves to true as soon as the condition holds, to false at the deadline. Asked after everything that comes. */
  until(condition: () => boolean, deadlineMs: number): Promise<boolean>;
}

/** @param from the client's own address: one of the loopback network, so that several clients can be told apart */
export function openConnection(port: number, from = '127.0.0.1'): Connection {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true });
  let chunks: Buffer[] = [];
  let over = false;
  const lookers = new Set<() => void>();
  const look = () => {
    for (const one of [...lookers]) one();
  };
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    look();
  });
  const end = () => {
    over = true;
    look();
  };
  socket.on('end', () => {
    end();
    socket.end();
  });
  socket.on('close', end);
  // A server may end it at any moment: that is an outcome, no error.
  socket.on('error', () => undefined);
  return {
    socket,
    received() {
      if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
      return chunks[0] ?? Buffer.alloc(0);
    },
    get over() {
      return over;
    },
    until(condition, deadlineMs) {
      return new Promise((resolve) => {
        const settle = (held: boolean) => {
          clearTimeout(timer);
          lookers.delete(check);
          resolve(held);
        };
        const check = () => {
          if (condition()) settle(true);
        };
        const timer = setTimeout(() => settle(condition()), deadlineMs);
        lookers.add(check);
        check();
      });
    },
  };
}
