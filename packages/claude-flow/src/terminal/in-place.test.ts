import { describe, expect, it } from 'vitest';
import { createInPlace } from './in-place.ts';

function screen() {
  const writes: string[] = [];
  return { writes, drawn: createInPlace((text) => writes.push(text)) };
}

describe('drawing in place', () => {
  it('writes once a frame, over the one before', () => {
    const { writes, drawn } = screen();
    drawn.draw(['a', 'b'], 80);
    drawn.draw(['c'], 80);
    expect(writes).toHaveLength(2);
    expect(writes[0]).toBe('\u001b[?2026h\u001b[?25la\u001b[K\nb\u001b[K\n\u001b[J\u001b[?2026l');
    expect(writes[1]).toBe('\u001b[?2026h\u001b[2A\rc\u001b[K\n\u001b[J\u001b[?2026l');
  });

  it('counts the lines that a narrower terminal has made of the old ones', () => {
    const { writes, drawn } = screen();
    drawn.draw(['x'.repeat(50), ''], 80);
    drawn.draw(['y'], 20);
    expect(writes[1]).toContain('\u001b[4A');
  });

  it('gives the cursor back once, and only when it was taken', () => {
    const { writes, drawn } = screen();
    drawn.done();
    expect(writes).toEqual([]);
    drawn.draw(['a'], 80);
    drawn.done();
    drawn.done();
    expect(writes.filter((text) => text.includes('\u001b[?25h'))).toHaveLength(1);
  });
});
