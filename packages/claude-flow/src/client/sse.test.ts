import { describe, expect, it } from 'vitest';
import { createSseParser } from './sse.ts';

const STREAM =
  'retry: 1000\n\nid: 1\nevent: a\ndata: {"x":1}\n\n: comment\n\nid: 2\r\ndata:two\r\ndata: lines\r\n\r\ndata\n\nevent: cut';

describe('reading an event stream', () => {
  it('gives the same messages wherever the pieces are cut', () => {
    const whole = createSseParser().push(STREAM);
    expect(whole).toEqual([
      { event: 'a', data: '{"x":1}', id: '1' },
      { event: 'message', data: 'two\nlines', id: '2' },
      { event: 'message', data: '', id: '2' },
    ]);
    for (let size = 1; size < 9; size += 1) {
      const parser = createSseParser();
      const pieces = STREAM.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(pieces.flatMap((piece) => parser.push(piece))).toEqual(whole);
    }
  });

  it('drops a byte order mark and ids with NUL', () => {
    expect(createSseParser().push('\uFEFFid: 7\ndata: x\nid: 8\0\n\n')).toEqual([
      { event: 'message', data: 'x', id: '7' },
    ]);
  });
});
