import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeAttribute, escapeLine, escapeMarkup } from './escape-markup.ts';

const read = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
/** Any element, as leniently as a model may read one. */
const TAG = /<\s*[/!?]?\s*[\p{L}_][^<]*/u;

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<',
        '</',
        '< /',
        '<\n/',
        '>',
        '&lt;',
        '&amp;',
        '&',
        '&#60;',
        '<!--',
        '<?',
        '"',
        "'",
        '\n',
        ' ',
      ),
      fc.constantFrom('objective', 'task', 'OBJECTIVE', 'ünknown', 'a', '5', '='),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('text of others', () => {
  it('opens and closes nothing, and can be read back', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const escaped of [escapeMarkup(text), escapeLine(text), escapeAttribute(text)])
          expect(escaped).not.toMatch(TAG);
        expect(read(escapeMarkup(text))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a line stays a line, and an attribute in its quotes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escapeLine(text)).not.toMatch(/[\n\r]/);
        expect(escapeAttribute(text)).not.toMatch(/["<>\n\r]/);
      }),
    );
  });

  it.each(['if (a <= b && c < 5) x <<= 2', 'x <- 3', 'R&D, a & b'])('%s stays readable', (text) =>
    expect(escapeMarkup(text)).toBe(text),
  );
});
