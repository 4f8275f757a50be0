import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText } from './cut-text.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const any = fc.string({
  unit: fc.integer({ min: 0, max: 0xff_ff }).map((unit) => String.fromCharCode(unit)),
});
const max = fc.integer({ min: 0, max: 220 });

describe('cutText', () => {
  it('leaves a text that fits as it is, without the ending', () => {
    expect(cutText('four', 4, '...')).toBe('four');
  });

  it('cuts before a character that does not fit whole', () => {
    expect(cutText('ab😀cd', 3)).toBe('ab');
    expect(cutText('ab😀cd', 4)).toBe('ab😀');
    expect(cutText('😀', 1, ' [...]')).toBe(' [...]');
  });

  it('does not cut what people see as one character', () => {
    expect(cutText('a👩‍🚀b', 4)).toBe('a');
    expect(cutText('cafe\u0301!', 4)).toBe('caf');
    expect(cutText('🇩🇪🇫🇷', 6)).toBe('🇩🇪');
  });

  it('cuts between the characters of a cluster that alone is longer than the room', () => {
    expect(cutText(`a${'\u0301'.repeat(500)}`, 100)).toHaveLength(100);
    expect(cutText('👩‍🚀', 3)).toBe('👩‍');
  });

  it('is a beginning of the text, as long as asked at most, and well formed', () => {
    fc.assert(
      fc.property(text, max, (whole, length) => {
        const cut = cutText(whole, length);
        expect(whole.startsWith(cut)).toBe(true);
        expect(cut.length).toBeLessThanOrEqual(length);
        expect(cut.isWellFormed()).toBe(true);
      }),
    );
  });

  it('is well formed for any text, and cuts no more than a cluster', () => {
    fc.assert(
      fc.property(any, max, (whole, length) => {
        const cut = cutText(whole, length, '!');
        expect(cut.isWellFormed()).toBe(true);
        expect(cut.length).toBeLessThanOrEqual(length + 1);
        expect(cut.length).toBeGreaterThanOrEqual(Math.min(whole.length, length) - 64);
      }),
    );
  });
});
