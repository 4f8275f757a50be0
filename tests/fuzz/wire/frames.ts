import { randomBytes } from 'node:crypto';
import type { Frame } from '../generate/frames.ts';

const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BIT = 0x80;
const MAX_16 = 0xffff;

export function encodeFrame({ bits, opcode, masked, payload, binary, lie }: Frame): Buffer {
  const data = Buffer.from(payload, binary ? 'latin1' : 'utf8');
  const length = Math.max(0, data.length + lie);
  const first = (bits << 4) | opcode;
  const maskBit = masked ? MASK_BIT : 0;
  const head = lengthBytes(first, maskBit, length);
  if (!masked) return Buffer.concat([head, data]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, data.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

function lengthBytes(first: number, maskBit: number, length: number): Buffer {
  if (length < LENGTH_16) return Buffer.from([first, maskBit | length]);
  if (length <= MAX_16) return Buffer.from([first, maskBit | LENGTH_16, length >> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = maskBit | LENGTH_64;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

export interface ReadFrame {
  opcode: number;
  payload: Buffer;
}

/**
 * What a server sent: frames as RFC 6455 has them, never masked. What is not whole yet is left out.
 * @param from where to go on reading
 * @returns the frames, and where the next one begins
 */
export function readFrames(bytes: Buffer, from: number): { frames: ReadFrame[]; next: number } {
  const frames: ReadFrame[] = [];
  let at = from;
  while (at + 2 <= bytes.length) {
    const short = bytes.readUInt8(at + 1);
    if ((short & MASK_BIT) !== 0) throw new Error('the server masks its frames');
    const size = short === LENGTH_64 ? 8 : short === LENGTH_16 ? 2 : 0;
    const start = at + 2 + size;
    if (start > bytes.length) break;
    const length =
      size === 8 ? Number(bytes.readBigUInt64BE(at + 2)) : size === 2 ? bytes.readUInt16BE(at + 2) : short;
    if (start + length > bytes.length) break;
    frames.push({ opcode: bytes.readUInt8(at) & 0xf, payload: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return { frames, next: at };
}
