import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { eventText } from './event-frame.ts';
import { eventId } from './event-id.ts';
import type { WriteBatches } from './write-batches.ts';

/** More than this waiting for a slow reader ends the stream; it comes back with Last-Event-ID. */
const MAX_PENDING_BYTES = 1024 * 1024;

/** What is on its way to the reader of one event stream. That of one turn of the event loop is written together. */
export interface SseWriter {
  write(message: Buffer): void;
  /** Resolves when the reader has taken everything. */
  drained(): Promise<void>;
}

/** @param tooSlow the reader has not taken what was sent, and gets nothing more */
export function createSseWriter(
  stream: { write(bytes: Uint8Array): Promise<unknown> },
  batches: WriteBatches,
  tooSlow: () => void,
): SseWriter {
  let batch: Buffer[] = [];
  let pendingBytes = 0;
  let written: Promise<unknown> = Promise.resolve();
  const writeBatch = () => {
    if (batch.length === 0) return;
    const bytes = batches.join(batch);
    batch = [];
    written = written
      .then(() => stream.write(bytes))
      .finally(() => {
        pendingBytes -= bytes.length;
      });
  };
  return {
    write(message) {
      if (pendingBytes > MAX_PENDING_BYTES) return;
      if (batch.length === 0) batches.soon(writeBatch);
      batch.push(message);
      pendingBytes += message.length;
      if (pendingBytes > MAX_PENDING_BYTES) tooSlow();
    },
    drained() {
      writeBatch();
      return written.then(() => undefined);
    },
  };
}

/** Built once for all readers of this process. */
const named = new WeakMap<SwarmEvent, Buffer>();
const unnamed = new WeakMap<SwarmEvent, Buffer>();

function once(messages: WeakMap<SwarmEvent, Buffer>, event: SwarmEvent, name: string): Buffer {
  let message = messages.get(event);
  if (message === undefined) {
    message = Buffer.from(`id: ${eventId(event)}\n${name}data: ${eventText(event)}\n\n`);
    messages.set(event, message);
  }
  return message;
}

/** An event as a message of an event stream; a browser gives it to the listeners of the event's type. */
export const eventMessage = (event: SwarmEvent) => once(named, event, `event: ${event.type}\n`);
/** The same without a name; a browser gives it to `onmessage`. */
export const unnamedMessage = (event: SwarmEvent) => once(unnamed, event, '');
