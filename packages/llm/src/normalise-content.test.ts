import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { whyBadInput } from './bad-input.ts';
import { normaliseContent } from './normalise-content.ts';

const HALF = '\ud83d';

describe('normaliseContent', () => {
  it('drops texts with nothing to read, and may leave nothing', () => {
    const call = { type: 'tool_use', id: 't', name: 'list_files', input: {} };
    expect(normaliseContent([{ type: 'text', text: '' }, { type: 'text', text: '\n\n' }, call])).toEqual([
      call,
    ]);
    expect(normaliseContent([{ type: 'text', text: ' ' }])).toEqual([]);
  });

  it('makes half characters whole, in texts and deep inside of inputs', () => {
    const input = { [`k${HALF}`]: [{ text: `a${HALF}b` }] };
    expect(
      normaliseContent([
        { type: 'text', text: `Done ${HALF}` },
        { type: 'tool_use', id: `t${HALF}`, name: 'write_file', input },
      ]),
    ).toEqual([
      { type: 'text', text: 'Done \ufffd' },
      { type: 'tool_use', id: 't\ufffd', name: 'write_file', input: { 'k\ufffd': [{ text: 'a\ufffdb' }] } },
    ]);
  });

  it('gives each call an id of its own, in this answer and among the earlier ones', () => {
    const call = (id: unknown) => ({ type: 'tool_use', id, name: 'list_files', input: {} });
    const blocks = normaliseContent([call(''), call('a'), call('a'), call(undefined), call('old')], ['old']);
    const ids = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    expect(ids[1]).toBe('a');
    expect(new Set([...ids, 'old']).size).toBe(6);
    expect(ids.every((id) => id !== '')).toBe(true);
  });

  it('leaves signed thinking as it is, and keeps unsigned thinking that says something', () => {
    const signed = { type: 'thinking', thinking: ' ', signature: 'c2ln', extra: 1 };
    const hidden = { type: 'redacted_thinking', data: 'x' };
    const unsigned = { type: 'thinking', thinking: 'Hm.', signature: '' };
    expect(
      normaliseContent([signed, hidden, unsigned, { type: 'thinking', thinking: '', signature: '' }]),
    ).toEqual([signed, hidden, unsigned]);
  });

  it('makes every answer one that the provider takes back, and leaves it then as it is', () => {
    const anyText = fc.string({
      unit: fc.oneof(fc.constantFrom('a', ' ', '\n', HALF, '\ude00', '😀', '"', '\u0000')),
      maxLength: 8,
    });
    const anyValue = fc.oneof(
      fc.jsonValue(),
      anyText,
      fc.dictionary(anyText, anyText),
      fc.constant(undefined),
    );
    const anyBlock = fc.oneof(
      fc.record({ type: fc.constant('text'), text: anyValue }),
      fc.record({
        type: fc.constant('thinking'),
        thinking: anyValue,
        signature: fc.oneof(anyText, fc.constant(null)),
      }),
      fc.record({ type: fc.constant('tool_use'), id: anyValue, name: anyValue, input: anyValue }),
      anyValue,
    );
    fc.assert(
      fc.property(
        fc.array(anyBlock, { maxLength: 6 }),
        fc.array(anyText, { maxLength: 3 }),
        (answer, earlier) => {
          const blocks = normaliseContent(answer, earlier);
          const ids = new Set(earlier);
          for (const block of blocks) {
            if (block.type === 'text') expect(block.text.trim()).not.toBe('');
            if (block.type !== 'tool_use') continue;
            expect(ids.has(block.id)).toBe(false);
            ids.add(block.id);
            expect(block.id).not.toBe('');
            expect(block.name).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
            expect(Object.prototype.toString.call(block.input)).toBe('[object Object]');
            const why = whyBadInput(block.input);
            expect(why === undefined || why.includes('not a JSON object')).toBe(true);
          }
          // JSON writes half characters as escapes: a well-formed text has none.
          expect(JSON.stringify(blocks)).not.toMatch(/\\ud[89a-f]/i);
          expect(normaliseContent(JSON.parse(JSON.stringify(blocks)), earlier)).toEqual(blocks);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
