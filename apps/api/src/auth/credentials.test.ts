import { expect, test } from 'vitest';
import { originAllowed } from '../config/origins.ts';
import { readCredentials } from './credentials.ts';

const read = (headers: Record<string, string>) => readCredentials((name) => headers[name]);

test.each([
  [{}, {}],
  [{ 'x-api-key': 'k' }, { apiKey: 'k' }],
  [{ authorization: 'Bearer t' }, { bearer: 't' }],
  [{ authorization: 'bearer   t' }, { bearer: 't' }],
  [{ authorization: `Basic ${btoa('me:pass:word')}` }, { password: 'pass:word' }],
  [{ authorization: 'Bearer' }, {}],
  [{ authorization: 'Digest x' }, {}],
  [{ 'sec-websocket-protocol': 'claude-flow, key.k' }, { apiKey: 'k' }],
  [{ 'sec-websocket-protocol': 'claude-flow' }, {}],
])('%j', (headers, credentials) => {
  expect(read(headers as Record<string, string>)).toEqual(credentials);
});

test.each([
  ['*', 'https://b.example', 'api.example', true],
  [[], undefined, 'api.example', true],
  [[], 'https://api.example', 'api.example', true],
  [[], 'https://b.example', 'api.example', false],
  [['https://b.example'], 'https://b.example', 'api.example', true],
  [['https://b.example'], 'null', 'api.example', false],
  [[], 'https://api.example.evil.example', 'api.example', false],
] as const)('origins %j: %s at %s: %s', (allowed, origin, host, welcome) => {
  expect(originAllowed(allowed as '*' | string[], origin, host)).toBe(welcome);
});
