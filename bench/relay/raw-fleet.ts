import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createFrameCounter } from './frame-counter.ts';

/** Many WebSocket clients that only count the frames they get, so that the measuring costs little beside the measured. */
export interface RawFleet {
  readonly size: number;
  /** Text frames that all of them together have got. */
  readonly frames: number;
  readonly bytes: number;
  /** Resolves when they have got so many together. */
  reached(frames: number): Promise<void>;
  /** They read no more. */
  pause(): void;
  close(): void;
}

/** @param greeting what each sends first */
export async function openFleet(url: string, size: number, greeting?: string): Promise<RawFleet> {
  let frames = 0;
  let bytes = 0;
  let waiting: { frames: number; resolve: () => void } | undefined;
  const sockets: Socket[] = [];
  const { hostname, port } = new URL(url);

  const open = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      sockets.push(socket);
      socket.on('error', reject);
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
      const count = createFrameCounter();
      let head: Buffer<ArrayBuffer> | undefined = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        let rest = chunk;
        if (head !== undefined) {
          head = Buffer.concat([head, chunk]);
          const end = head.indexOf('\r\n\r\n');
          if (end < 0) return;
          rest = head.subarray(end + 4);
          head = undefined;
          if (greeting !== undefined) socket.write(maskedFrame(greeting));
          resolve();
        }
        bytes += rest.length;
        frames += count(rest);
        if (waiting !== undefined && frames >= waiting.frames) waiting.resolve();
      });
    });
  for (let i = 0; i < size; i += 50) await Promise.all(Array.from({ length: Math.min(50, size - i) }, open));

  return {
    size,
    get frames() {
      return frames;
    },
    get bytes() {
      return bytes;
    },
    reached(wanted) {
      if (frames >= wanted) return Promise.resolve();
      return new Promise((resolve) => {
        waiting = { frames: wanted, resolve };
      });
    },
    pause() {
      for (const socket of sockets) socket.pause();
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A short text as a client sends it: masked, with a mask of zeros. */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('A greeting is short.');
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
