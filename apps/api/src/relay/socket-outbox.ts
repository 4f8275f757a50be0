import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { WriteBatches } from './write-batches.ts';

/** Above this the reader is behind: text as it is written is dropped, and the past is sent no further. */
const BEHIND_BYTES = 256 * 1024;
/** Above this the reader is cut off, so that one that does not read cannot fill our memory. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** More than this is written without waiting for the rest of the turn. */
const MAX_BATCH_BYTES = 64 * 1024;
/** A reader that is cut off does not read the closing frame either: after this the connection is ended from here. */
const CLOSE_GRACE_MS = 2_000;

export const CLOSE_TRY_AGAIN = 1013;
export const CLOSE_RESTART = 1012;
export const CLOSE_UNAUTHORIZED = 4401;

/** Frames on their way to one client. Those of one turn of the event loop are written together. */
export interface SocketOutbox {
  /** Cuts the reader off when too much is waiting. */
  send(frame: Buffer): void;
  /** Sends a piece of the past: waits instead of cutting off. See `drained`. */
  sendPast(frame: Buffer): void;
  /** Sends what may be lost. */
  sendIfQuick(frame: Buffer): void;
  /** Resolves when little enough is waiting to send more of the past, or when the socket is closed. */
  drained(): Promise<void>;
  close(code: number, reason: string): void;
  readonly closed: boolean;
}

/**
 * @param wire the connection beneath `socket`: frames that are ready are written to it, past the library, which would build
 * each of them again for each client. Whole frames only, so that its own (pings, pongs, closing) fall between them.
 */
export function createSocketOutbox(socket: WebSocket, wire: Socket, batches: WriteBatches): SocketOutbox {
  let waiters: (() => void)[] = [];
  let batch: Buffer[] = [];
  let batchBytes = 0;
  const isOpen = () => socket.readyState === socket.OPEN;
  const waitingBytes = () => batchBytes + wire.writableLength;
  const wake = () => {
    if (isOpen() && waitingBytes() > BEHIND_BYTES) return;
    const woken = waiters;
    waiters = [];
    for (const resolve of woken) resolve();
  };
  // What makes a reader wait is more than the connection takes at once, so that it tells when it is through.
  wire.on('drain', wake);
  socket.on('close', wake);

  const write = () => {
    if (batchBytes === 0) return;
    const frames = batch;
    batch = [];
    batchBytes = 0;
    if (isOpen()) wire.write(batches.join(frames));
  };
  const add = (frame: Buffer) => {
    if (!isOpen()) return;
    if (batchBytes === 0) batches.soon(write);
    batch.push(frame);
    batchBytes += frame.length;
    if (batchBytes > MAX_BATCH_BYTES) write();
  };
  const close = (code: number, reason: string) => {
    if (!isOpen()) return;
    write();
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
  };
  return {
    sendPast: add,
    send(frame) {
      add(frame);
      if (waitingBytes() > MAX_BUFFERED_BYTES) {
        close(CLOSE_TRY_AGAIN, 'You read too slowly: connect again and subscribe with after.');
      }
    },
    sendIfQuick(frame) {
      if (waitingBytes() <= BEHIND_BYTES) add(frame);
    },
    drained() {
      if (!isOpen() || waitingBytes() <= BEHIND_BYTES) return Promise.resolve();
      write();
      if (waitingBytes() <= BEHIND_BYTES) return Promise.resolve();
      return new Promise((resolve) => waiters.push(resolve));
    },
    close,
    get closed() {
      return !isOpen();
    },
  };
}
