import { describe, expect, test } from 'vitest';
import { seededRandom } from '../random.ts';
import { chunksOf } from './chunks.ts';
import { encodeEvent } from './events.ts';

const events = Array.from({ length: 40 }, (_, n) =>
  encodeEvent({ type: 'text', text: `日本語の文章 😀 ${n}` }),
);
const whole = Buffer.concat(events);

const readable = (chunk: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(chunk);
    return true;
  } catch {
    return false;
  }
};

describe('chunks of a stream', () => {
  test('lose no byte, whatever the time', () => {
    for (const spreadMs of [0, 10, 100, 10_000]) {
      const chunks = chunksOf(events, spreadMs, seededRandom('bytes', spreadMs));
      expect(Buffer.concat(chunks).equals(whole)).toBe(true);
      expect(chunks.every((chunk) => chunk.length > 0)).toBe(true);
    }
  });

  test('without time to fill, everything goes at once', () => {
    expect(chunksOf(events, 0, seededRandom('once'))).toHaveLength(1);
  });

  test('with time, they end in the middle of events and of characters', () => {
    const chunks = chunksOf(events, 10_000, seededRandom('cut'));
    expect(chunks.length).toBeGreaterThan(20);
    expect(chunks.filter((chunk) => !chunk.toString('utf8').endsWith('\n\n')).length).toBeGreaterThan(10);
    expect(chunks.some((chunk) => !readable(chunk))).toBe(true);
  });
});
