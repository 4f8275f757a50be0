import { describe, expect, test } from 'vitest';
import { eventSocketFrame, textFrame } from './text-frame.ts';
import { createWriteBatches } from './write-batches.ts';

/** What a client reads: RFC 6455, 5.2. */
function read(frame: Buffer): { first: number | undefined; text: string } {
  const short = frame[1] ?? 0;
  const [header, length] =
    short < 126
      ? [2, short]
      : short === 126
        ? [4, frame.readUInt16BE(2)]
        : [10, Number(frame.readBigUInt64BE(2))];
  expect(frame).toHaveLength(header + length);
  return { first: frame[0], text: frame.toString('utf8', header) };
}

describe('a text as a frame', () => {
  test.each([0, 1, 125, 126, 65_535, 65_536, 300_000])('%i bytes', (length) => {
    const text = 'x'.repeat(length);
    expect(read(textFrame(text))).toEqual({ first: 0x81, text });
  });

  test('bytes are counted, not characters', () => {
    const text = `${'ä'.repeat(63)} 😀`;
    expect(read(textFrame(text))).toEqual({ first: 0x81, text });
  });

  test('an event’s is built once', () => {
    const event = { v: 1, epoch: 1, seq: 1, type: 'swarm.paused', at: 0, swarmId: 's', data: {} } as const;
    expect(eventSocketFrame(event)).toBe(eventSocketFrame(event));
    expect(eventSocketFrame({ ...event })).not.toBe(eventSocketFrame(event));
  });
});

describe('batches', () => {
  test('what two readers get alike in one turn is put together once', () => {
    const batches = createWriteBatches();
    const [a, b] = [textFrame('a'), textFrame('b')];
    const joined = batches.join([a, b]);
    expect(joined).toEqual(Buffer.concat([a, b]));
    expect(batches.join([a, b])).toBe(joined);
    expect(batches.join([b, a])).toEqual(Buffer.concat([b, a]));
    expect(batches.join([a])).toBe(a);
  });

  test('writes come after the turn, in order; those asked for meanwhile in the next', async () => {
    const batches = createWriteBatches();
    const written: string[] = [];
    const done = Promise.withResolvers<void>();
    batches.soon(() => {
      written.push('first');
      batches.soon(() => {
        written.push('third');
        done.resolve();
      });
    });
    batches.soon(() => written.push('second'));
    expect(written).toEqual([]);
    await done.promise;
    expect(written).toEqual(['first', 'second', 'third']);
  });
});
