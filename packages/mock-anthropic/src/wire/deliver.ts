import type { ServerResponse } from 'node:http';
import type { Respond } from '../control/rules.ts';
import type { Random } from '../random.ts';
import { chunksOf } from './chunks.ts';
import { errorBody } from './errors.ts';
import type { StreamEvent } from './events.ts';
import { encodeEvent, encodeUnnamed } from './events.ts';
import { wait } from './pace.ts';

export type Delivery = {
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  /** The Node response, for cutting the connection. */
  outgoing: ServerResponse;
  random: Random;
  requestId: string;
  respond: Respond | undefined;
  /** The events are written without their names. */
  unnamed: boolean;
  onCompleted: () => void;
  /** Broken off on purpose. */
  onFailed: () => void;
};

/** Events of a stream without end that are written at once. */
const ENDLESS_EVENTS = 200;

/** Breaks the connection once everything written so far has left. */
const cut = async (outgoing: ServerResponse): Promise<void> => {
  const { socket } = outgoing;
  if (socket === null || socket.destroyed) return;
  await new Promise<void>((resolve) => socket.write('', () => resolve()));
  socket.destroy();
};

/** Where a scripted `error` event goes: after the first half. */
const withError = (events: readonly StreamEvent[], type: string, requestId: string): StreamEvent[] => [
  ...events.slice(0, Math.max(3, Math.floor(events.length / 2))),
  errorBody(type, 'Simulated error in the middle of the stream', requestId),
];

/** The bytes of a stream over time; ends early when the client leaves or a rule says so. */
async function* paced(
  events: readonly StreamEvent[],
  spreadMs: number,
  delivery: Delivery,
): AsyncGenerator<Uint8Array, void> {
  const { respond, signal } = delivery;
  const failing = respond?.streamError;
  const sent = failing === undefined ? events : withError(events, failing, delivery.requestId);
  const chunks = chunksOf(
    sent.map(delivery.unnamed ? encodeUnnamed : encodeEvent),
    spreadMs,
    delivery.random,
  );
  const pause = spreadMs / chunks.length;
  let left = respond?.cutAfterBytes ?? Number.POSITIVE_INFINITY;
  for (const [index, chunk] of chunks.entries()) {
    if (index > 0) await wait(pause, signal);
    if (signal.aborted) return;
    if (chunk.length >= left) {
      if (left > 0) yield chunk.subarray(0, left);
      delivery.onFailed();
      await cut(delivery.outgoing);
      return;
    }
    left -= chunk.length;
    // Counted before the client can have read it, so that counters never lag behind what it saw.
    if (index === chunks.length - 1) {
      if (failing === undefined) delivery.onCompleted();
      else delivery.onFailed();
    }
    yield chunk;
  }
}

/** A stream that begins as it should and then goes on with the last piece of its text, as fast as it is read. */
async function* endless(
  events: readonly StreamEvent[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const last = events.findLastIndex(({ type }) => type === 'content_block_delta');
  const bytes = events.slice(0, last + 1).map(encodeEvent);
  yield Buffer.concat(bytes);
  const more = Buffer.concat(Array.from({ length: ENDLESS_EVENTS }, () => bytes.at(-1) ?? Buffer.alloc(0)));
  while (!signal.aborted) {
    yield more;
    // Others are to be answered as well.
    await wait(1, signal);
  }
}

/** The body of a streamed answer. */
export const streamBody = (
  events: readonly StreamEvent[],
  spreadMs: number,
  delivery: Delivery,
): ReadableStream<Uint8Array> => {
  const { respond, signal } = delivery;
  const source = respond?.endless === true ? endless(events, signal) : paced(events, spreadMs, delivery);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await source.return()),
  });
};

/** The body of an answer that is not streamed but is to be cut after so many bytes. */
export const cutBody = (text: string, bytes: number, delivery: Delivery): ReadableStream<Uint8Array> => {
  let sent = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!sent && bytes > 0) {
        sent = true;
        controller.enqueue(Buffer.from(text).subarray(0, bytes));
        return;
      }
      delivery.onFailed();
      await cut(delivery.outgoing);
      controller.close();
    },
  });
};
