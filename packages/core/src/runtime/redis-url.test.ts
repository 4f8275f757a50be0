import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRedisUrl, redisAddress } from './redis-url.ts';

const target = (url: string) => {
  const reading = readRedisUrl(url);
  return 'target' in reading ? reading.target : undefined;
};
const fault = (url: string) => {
  const reading = readRedisUrl(url);
  return 'fault' in reading ? reading.fault : undefined;
};

const HOST = { nodes: [{ host: 'h', port: 6379 }], cluster: false, tls: false, db: 0 };

test.each<[string, object]>([
  ['redis://h', HOST],
  ['redis://h/', HOST],
  ['rediss://h:1/3', { ...HOST, tls: true, db: 3, nodes: [{ host: 'h', port: 1 }] }],
  ['redis://me:pw@h', { ...HOST, username: 'me', password: 'pw' }],
  ['redis://:p%40w@h', { ...HOST, password: 'p@w' }],
  ['redis://:p@w/#?x@h', { ...HOST, password: 'p@w/#?x' }],
  ['redis://:100%@h', { ...HOST, password: '100%' }],
  ['redis://h?password=a%40b+c&db=2&family=6', { ...HOST, password: 'a@b+c', db: 2, family: 6 }],
  ['redis://h?password=a@b', { ...HOST, password: 'a@b' }],
  ['redis://[::1]:7000', { ...HOST, nodes: [{ host: '::1', port: 7000 }] }],
  [
    'rediss+cluster://me:p@ss@one:7000,[fd00::1]:7001,two/',
    {
      nodes: [
        { host: 'one', port: 7000 },
        { host: 'fd00::1', port: 7001 },
        { host: 'two', port: 6379 },
      ],
      cluster: true,
      tls: true,
      db: 0,
      username: 'me',
      password: 'p@ss',
    },
  ],
])('%s is read', (url, expected) => {
  expect(target(url)).toEqual(expected);
});

test.each<[string, string]>([
  ['http://h', 'redis://'],
  ['h:6379', 'redis://'],
  ['redis://', 'host'],
  ['redis://h/abc', 'number of the database'],
  ['redis://h/1/2', 'number of the database'],
  ['redis://h:0', 'port'],
  ['redis://h:70000', 'port'],
  ['redis://h:x', 'port'],
  ['redis://::1', 'IPv6'],
  ['redis://a:1,b:2', 'redis+cluster://'],
  ['redis+cluster://a,,b', 'host'],
  ['redis+cluster://a/1', 'database 0'],
  ['redis://h?tls=no', 'REDIS_TLS_CA_FILE'],
  ['redis://h?family=5', 'family'],
])('%s is refused by name', (url, word) => {
  expect(fault(url)).toContain(word);
});

test('whatever the password, encoded or raw, it is read as it is and no part of it is printed', () => {
  const secret = fc
    .string({ minLength: 8, maxLength: 30, unit: 'grapheme' })
    .filter((text) => /\S{4}/.test(text));
  const parts = (text: string) => text.split(/[^A-Za-z0-9]+/).filter((part) => part.length >= 4);
  fc.assert(
    fc.property(secret, fc.constantFrom('redis', 'rediss', 'redis+cluster'), (password, scheme) => {
      const encoded = encodeURIComponent(password.toWellFormed());
      const urls = [
        `${scheme}://me:${encoded}@host:1`,
        `${scheme}://host:1?password=${encoded}`,
        `${scheme}://me:${password}@host:1`,
      ];
      for (const url of urls.slice(0, 2)) expect(target(url)?.password).toBe(password.toWellFormed());
      for (const url of urls) {
        const said = `${redisAddress(url)} ${fault(url) ?? ''}`;
        expect(said).not.toContain(password);
        const known = `${scheme}://host:1 (an address that cannot be read) ${fault(url) ?? ''}`;
        for (const part of parts(password)) if (!known.includes(part)) expect(said).not.toContain(part);
      }
    }),
  );
});
