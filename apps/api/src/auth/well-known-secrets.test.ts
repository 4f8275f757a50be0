import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isWellKnownSecret } from './well-known-secrets.ts';

const root = new URL('../../../../', import.meta.url);

test.each([
  'changeme',
  'change-me-please-now',
  'Keyboard Cat',
  'super-secret-key-1',
  'password12345678',
  'aaaaaaaaaaaaaaaaaaaaaaaa',
  'your-256-bit-secret',
  'a-string-secret-at-least-256-bits-long',
])('%s is one that everybody tries', (secret) => expect(isWellKnownSecret(secret)).toBe(true));

test('random ones are not', () => {
  for (let i = 0; i < 1_000; i += 1) {
    expect(isWellKnownSecret(randomBytes(16).toString('hex'))).toBe(false);
    expect(isWellKnownSecret(randomBytes(24).toString('base64url'))).toBe(false);
  }
});

test('no page of ours shows a secret that production would take', () => {
  const pages = globSync(['*.md', 'docs/**/*.md', '{apps,packages,examples}/**/*.md'], {
    cwd: root,
    exclude: ['**/node_modules/**'],
  });
  expect(pages.length).toBeGreaterThan(10);
  const shown = pages.flatMap((page) =>
    [
      ...readFileSync(new URL(page, root), 'utf8').matchAll(
        /\b(?:(?:FRONTEND_|ADMIN_)?API_KEYS?|JWT_SECRET)=["']?([^\s"'`$<]+)/g,
      ),
    ].map(([, secret = '']) => ({ page, secret })),
  );
  const taken = shown.filter(({ secret }) => secret.length >= 16 && !isWellKnownSecret(secret));
  expect(taken).toEqual([]);
});
