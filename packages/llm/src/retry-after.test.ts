import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');
const asked = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), NOW);

describe('retryAfterMs', () => {
  it.each([
    ['7', 7_000],
    [' 7 ', 7_000],
    ['Wed, 25 Nov 2026 10:00:09 GMT', 9_000],
    ['Wednesday, 25-Nov-26 10:00:09 GMT', 9_000],
    ['Wed Nov 25 10:00:09 2026', 9_000],
  ])('reads the forms of the RFC: %s', (text, ms) => {
    expect(asked({ 'retry-after': text })).toBe(ms);
  });

  it('prefers milliseconds', () => {
    expect(asked({ 'retry-after': '7', 'retry-after-ms': '1500' })).toBe(1_500);
  });

  it.each([
    '0',
    '-1',
    '1.5',
    '+3',
    '1e3',
    '0x10',
    'Infinity',
    '',
    'soon',
    '2026-11-25T10:00:09Z',
    '1/2/2030',
  ])('reads nothing into %j', (text) => {
    expect(asked({ 'retry-after': text })).toBeUndefined();
  });

  it('of anything that a header can hold is a positive number or nothing', () => {
    const header = fc.stringMatching(/^[\x21-\x7e]{0,30}$/);
    fc.assert(
      fc.property(header, header, (after, ms) => {
        const wait = asked({ 'retry-after': after, 'retry-after-ms': ms });
        expect(wait === undefined || (Number.isFinite(wait) && wait > 0)).toBe(true);
      }),
    );
  });
});
