import type { WebSocket } from 'ws';

/** Above this the reader is behind: text as it is written is dropped, and the past is sent no further. */
const BEHIND_BYTES = 256 * 1024;
/** Above this the reader is cut off, so that one that does not read cannot fill our memory. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** A reader that is cut off does not read the closing frame either: after this the connection is ended from here. */
const CLOSE_GRACE_MS = 2_000;

export const CLOSE_TRY_AGAIN = 1013;
export const CLOSE_RESTART = 1012;
export const CLOSE_UNAUTHORIZED = 4401;

/** Frames, as text, on their way to one client. */
export interface SocketOutbox {
  /** Sends now; cuts the reader off when too much is waiting. */
  send(text: string): void;
  /** Sends a piece of the past: waits instead of cutting off. See `drained`. */
  sendPast(text: string): void;
  /** Sends what may be lost. */
  sendIfQuick(text: string): void;
  /** Resolves when little enough is waiting to send more of the past, or when the socket is closed. */
  drained(): Promise<void>;
  close(code: number, reason: string): void;
  readonly closed: boolean;
}

export function createSocketOutbox(socket: WebSocket): SocketOutbox {
  let waiters: (() => void)[] = [];
  const isOpen = () => socket.readyState === socket.OPEN;
  const wake = () => {
    if (isOpen() && socket.bufferedAmount > BEHIND_BYTES) return;
    const woken = waiters;
    waiters = [];
    for (const resolve of woken) resolve();
  };
  socket.on('close', wake);

  const write = (text: string) => {
    if (isOpen()) socket.send(text, wake);
  };
  const close = (code: number, reason: string) => {
    if (!isOpen()) return;
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
  };
  return {
    sendPast: write,
    send(text) {
      write(text);
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
        close(CLOSE_TRY_AGAIN, 'You read too slowly: connect again and subscribe with after.');
      }
    },
    sendIfQuick(text) {
      if (socket.bufferedAmount <= BEHIND_BYTES) write(text);
    },
    drained() {
      if (!isOpen() || socket.bufferedAmount <= BEHIND_BYTES) return Promise.resolve();
      return new Promise((resolve) => waiters.push(resolve));
    },
    close,
    get closed() {
      return !isOpen();
    },
  };
}
