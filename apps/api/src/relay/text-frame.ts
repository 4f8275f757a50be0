import type { AgentDelta, Resync, SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { deltaFrame, eventText, resyncFrame } from './event-frame.ts';

/** Final fragment, text (RFC 6455, 5.2). Servers do not mask, and no extension is negotiated. */
const FINAL_TEXT = 0x81;
const LENGTH_OF_2_BYTES = 126;
const LENGTH_OF_8_BYTES = 127;

/** A text as a WebSocket frame. From a server it is the same bytes for every reader. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerLength = length < LENGTH_OF_2_BYTES ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = FINAL_TEXT;
  if (headerLength === 2) {
    frame[1] = length;
  } else if (headerLength === 4) {
    frame[1] = LENGTH_OF_2_BYTES;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_OF_8_BYTES;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.write(text, headerLength);
  return frame;
}

/** Built once for all readers of this process. */
const frames = new WeakMap<object, Buffer>();

function once(of: object, text: () => string): Buffer {
  let frame = frames.get(of);
  if (frame === undefined) {
    frame = textFrame(text());
    frames.set(of, frame);
  }
  return frame;
}

export const eventSocketFrame = (event: SwarmEvent) => once(event, () => eventText(event));
export const deltaSocketFrame = (delta: AgentDelta) => once(delta, () => JSON.stringify(deltaFrame(delta)));
export const resyncSocketFrame = (resync: Resync) => once(resync, () => JSON.stringify(resyncFrame(resync)));
