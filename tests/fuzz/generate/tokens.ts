import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { nastyText } from './texts.ts';

export const JWT_SECRET = 'the-fuzz-run-signs-its-tokens-with-this-0123456789';

const part = (value: string) => Buffer.from(value).toString('base64url');

/** A token with any header and claims, well or badly signed. */
function token(header: string, claims: string, signature: 'good' | 'bad' | 'none'): string {
  const signed = `${part(header)}.${part(claims)}`;
  if (signature === 'none') return `${signed}.`;
  const secret = signature === 'good' ? JWT_SECRET : `not-${JWT_SECRET}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const HEADERS = [
  '{"alg":"HS256","typ":"JWT"}',
  '{"alg":"HS256"}',
  '{"alg":"none"}',
  '{"alg":"RS256","kid":"../../x"}',
  '{"alg":"HS256","crit":["b64"],"b64":false}',
  '{"alg":1}',
  '[]',
  'null',
  '',
];
const EXPIRIES = [
  '4102444800',
  '1',
  '0',
  '-1',
  '1e300',
  '"soon"',
  'null',
  '4102444800.5',
  '9007199254740993',
];
const PERMISSIONS = [
  '["swarms:read","swarms:write"]',
  '["keys:manage"]',
  '"all"',
  '[]',
  'null',
  '[{}]',
  '{}',
];

export const badToken: fc.Arbitrary<string> = fc.oneof(
  fc
    .record({
      header: fc.oneof(
        { weight: 4, arbitrary: fc.constant(HEADERS[0] ?? '') },
        { weight: 2, arbitrary: fc.constantFrom(...HEADERS) },
      ),
      exp: fc.oneof(
        { weight: 3, arbitrary: fc.constant(EXPIRIES[0] ?? '') },
        { weight: 3, arbitrary: fc.constantFrom(...EXPIRIES) },
      ),
      sub: nastyText,
      permissions: fc.option(fc.constantFrom(...PERMISSIONS)),
      signature: fc.constantFrom('good' as const, 'good' as const, 'bad' as const, 'none' as const),
    })
    .map(({ header, exp, sub, permissions, signature }) => {
      const more = permissions === null ? '' : `,"permissions":${permissions}`;
      return token(header, `{"sub":${JSON.stringify(sub)},"exp":${exp}${more}}`, signature);
    }),
  fc.constantFrom(
    'a.b.c',
    '..',
    'eyJ',
    token('{"alg":"HS256"}', '[]', 'good'),
    token('{"alg":"HS256"}', 'x', 'good'),
  ),
);
