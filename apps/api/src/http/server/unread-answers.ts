import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { ServerConfig } from '../../config/config.ts';
import { addressGroup } from '../../limits/client-address.ts';

/** How often the pace of readers is looked at. */
const LOOK_EVERY_MS = 500;
/** A flood of slow readers must not become a flood of lines. */
const SAY_EVERY_MS = 10_000;

/** What readers have asked for and not taken yet, of all connections of this process. */
export interface UnreadAnswers {
  watch(socket: Socket): void;
  /** From now on the connection counts for this caller and address too. */
  belongs(socket: Socket, who: { caller: string; address: string }): void;
  /** It is about to be answered; the answers of requests that came at once wait outside the connection. */
  answers(socket: Socket, response: ServerResponse): void;
  /**
   * A large answer is about to be read from the store: from now on it counts as if it waited, until it is written.
   * @returns false when it is not to be read, since with what waits it would be more than its caller or address may leave unread
   */
  reserve(socket: Socket, bytes: number): boolean;
  /** An answer was written to it: the connection ends when its caller or address holds too much. */
  written(socket: Socket): void;
  /** Bytes that a caller, or an address, has not taken. */
  heldBy(who: { caller: string } | { address: string }): number;
  close(): void;
}

interface Reader {
  socket: Socket;
  address: string;
  caller: string | undefined;
  open: Set<ServerResponse>;
  /** Bytes that are being read from the store for it. */
  reserved: number;
  /** Since when something waits for it without a break, and what it had taken then. */
  waiting: { since: number; taken: number } | undefined;
}

/**
 * Counts bytes that wait in this process, not those on their way in the kernel. More than the limit ends the connection that
 * was written to last, unless nothing else waits: an owner or address holds the limit, or one answer that is larger than that.
 */
export function createUnreadAnswers(
  config: Pick<ServerConfig, 'maxUnreadBytes' | 'readPace' | 'readGraceMs'>,
  log: Logger,
): UnreadAnswers {
  const readers = new Map<Socket, Reader>();
  let saidAt = 0;

  /** Who shares a limit: by `caller ...` and `address ...`, so that a request costs what its own caller has open, not all. */
  const groups = new Map<string, Set<Reader>>();

  const groupsOf = ({ address, caller }: Pick<Reader, 'address' | 'caller'>) =>
    caller === undefined ? [`address ${address}`] : [`address ${address}`, `caller ${caller}`];
  const join = (reader: Reader) => {
    for (const name of groupsOf(reader)) {
      const members = groups.get(name);
      if (members === undefined) groups.set(name, new Set([reader]));
      else members.add(reader);
    }
  };
  const leave = (reader: Reader) => {
    for (const name of groupsOf(reader)) {
      const members = groups.get(name);
      members?.delete(reader);
      if (members?.size === 0) groups.delete(name);
    }
  };
  const forget = (socket: Socket) => {
    const reader = readers.get(socket);
    if (reader === undefined) return;
    readers.delete(socket);
    leave(reader);
  };
  const end = (socket: Socket, reader: Reader, event: string, why: string) => {
    forget(socket);
    socket.destroy();
    if (Date.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = Date.now();
    log.warn({ event, address: reader.address }, why);
  };
  const heldBy: UnreadAnswers['heldBy'] = (who) => {
    let bytes = 0;
    const name = 'caller' in who ? `caller ${who.caller}` : `address ${who.address}`;
    for (const reader of groups.get(name) ?? []) bytes += unreadOf(reader);
    return bytes;
  };

  /** What the address, or the caller, of this reader has not taken, this reader's included. */
  const heldBeside = ({ address, caller }: Reader) =>
    Math.max(heldBy({ address }), caller === undefined ? 0 : heldBy({ caller }));

  function lookAtPace(): void {
    const now = Date.now();
    const { readPace, readGraceMs } = config;
    for (const [socket, reader] of readers) {
      const taken = bytesTaken(socket);
      if (socket.writableLength === 0) reader.waiting = undefined;
      else if (reader.waiting === undefined) reader.waiting = { since: now, taken };
      else if (now - reader.waiting.since >= readGraceMs) {
        const wanted = (readPace * (now - reader.waiting.since)) / 1_000;
        if (taken - reader.waiting.taken < wanted) {
          const why = `A reader that took less than ${readPace} bytes/s (READ_PACE) was disconnected.`;
          end(socket, reader, 'http.slow_reader', why);
        } else reader.waiting = { since: now, taken };
      }
    }
  }
  const looking = setInterval(lookAtPace, LOOK_EVERY_MS);
  looking.unref();

  return {
    watch(socket) {
      const address = addressGroup(socket.remoteAddress ?? 'unknown');
      const reader: Reader = {
        socket,
        address,
        caller: undefined,
        open: new Set(),
        reserved: 0,
        waiting: undefined,
      };
      readers.set(socket, reader);
      join(reader);
      socket.once('close', () => forget(socket));
    },
    belongs(socket, who) {
      const reader = readers.get(socket);
      if (reader === undefined || (reader.caller === who.caller && reader.address === who.address)) return;
      leave(reader);
      Object.assign(reader, who);
      join(reader);
    },
    answers(socket, response) {
      const open = readers.get(socket)?.open.add(response);
      response.once('close', () => open?.delete(response));
    },
    reserve(socket, bytes) {
      const reader = readers.get(socket);
      if (reader === undefined) return true;
      const held = heldBeside(reader);
      // A single answer may be larger than the limit.
      if (held > 0 && held + bytes > config.maxUnreadBytes) return false;
      reader.reserved += bytes;
      return true;
    },
    written(socket) {
      const reader = readers.get(socket);
      if (reader !== undefined) reader.reserved = 0;
      if (reader === undefined || unreadOf(reader) === 0) return;
      const held = heldBeside(reader);
      // A single answer may be larger than the limit: then it is all that may wait.
      const alone = held === unreadOf(reader) && reader.open.size <= 1;
      if (held <= config.maxUnreadBytes || alone) return;
      const why = `More than ${config.maxUnreadBytes} bytes of answers were not read (MAX_UNREAD_BYTES): a connection was ended.`;
      end(socket, reader, 'http.unread_answers', why);
    },
    heldBy,
    close: () => clearInterval(looking),
  };
}

/** What waits with the connection, in answers whose turn has not come, and what is being read for it. */
function unreadOf({ socket, open, reserved }: Reader): number {
  let bytes = socket.writableLength + reserved;
  for (const response of open) if (response.socket === null) bytes += response.writableLength;
  return bytes;
}

/**
 * Of one large write Node tells only that it is not done; how much of it has gone out stands in the handle beneath, which has no
 * public name. Without it a reader counts by whole writes.
 */
function bytesTaken(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle === 'object' && handle !== null) {
    const written: unknown = Reflect.get(handle, 'bytesWritten');
    const queued: unknown = Reflect.get(handle, 'writeQueueSize');
    if (typeof written === 'number' && typeof queued === 'number') return written - queued;
  }
  return socket.bytesWritten - socket.writableLength;
}
