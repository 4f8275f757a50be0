import fc from 'fast-check';

/** Texts that have broken servers, as they are. */
const NASTY = [
  '',
  ' ',
  '0',
  '-1',
  '1.5',
  '1e3',
  '0x10',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  '99999999999999999999',
  '9007199254740993',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '*',
  '{swarm}',
  '{}',
  'a}b{c',
  '..',
  '../../../../etc/passwd',
  '%2e%2e%2f',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '{{7*7}}',
  '\r\nX-Injected: 1',
  '*1\r\n$8\r\nFLUSHALL\r\n',
  "redis.call('FLUSHALL')",
  '\u2028\u2029',
  '\u202Eright to left',
  'e\u0301\u0301\u0301\u0301',
  'İıſK',
  '👩‍👩‍👧‍👦',
  '\uFEFFbom',
  '\u0000',
  'a\u0000b',
  '\uD800',
  'x\uDC00y',
  '\u0007\u001B[31m',
] as const;

export const nastyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('x', 'é', '👍', '/', '%', '&', '.', '\\'),
        fc.constantFrom(64, 200, 2_001, 20_000),
      )
      .map(([unit, count]) => unit.repeat(count)),
  },
);

/** Places of ids and keys that only the running system knows; see `Target.fill`. */
export const PLACES = [
  '@own-finished@',
  '@own-planned@',
  '@own-asking@',
  '@own-fresh@',
  '@other-finished@',
  '@other-planned@',
  '@other-key-id@',
] as const;
export type Place = (typeof PLACES)[number];
