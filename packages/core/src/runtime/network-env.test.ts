import { expect, test } from 'vitest';
import { networkFaults, proxyFor, proxySettings } from './network-env.ts';

const through = (url: string, env: Record<string, string>) => {
  const settings = proxySettings(env);
  return settings && proxyFor(new URL(url), settings);
};

test('which proxy an address goes through', () => {
  const both = { HTTP_PROXY: 'http://plain', HTTPS_PROXY: 'http://secure' };
  expect(through('https://api.x', both)).toBe('http://secure');
  expect(through('http://api.x', both)).toBe('http://plain');
  expect(through('https://api.x', { HTTP_PROXY: 'http://plain' })).toBeUndefined();
  expect(through('https://api.x', { ...both, https_proxy: 'http://lower' })).toBe('http://lower');
  for (const local of ['localhost:1', '127.0.0.1:1', '127.9.9.9', '[::1]:1', 'a.localhost']) {
    expect(through(`http://${local}`, both)).toBeUndefined();
  }
  expect(proxySettings({ NO_PROXY: 'x' })).toBeUndefined();
});

test.each([
  ['api.x', 'api.x', true],
  ['x', 'api.x', true],
  ['.x', 'api.x', true],
  ['*.x', 'api.x', true],
  ['API.X', 'api.x', true],
  ['pi.x', 'api.x', false],
  ['other, api.x:443', 'api.x', true],
  ['api.x:8443', 'api.x', false],
  ['*', 'api.x', true],
  ['', 'api.x', false],
])('NO_PROXY=%s, and %s', (noProxy, host, direct) => {
  const env = { HTTPS_PROXY: 'http://p', NO_PROXY: noProxy };
  expect(through(`https://${host}`, env)).toBe(direct ? undefined : 'http://p');
});

test('what cannot be used is named, without its value', () => {
  const faults = networkFaults({
    HTTPS_PROXY: 'socks5://user:s3cret@p:1',
    http_proxy: 's3cret:3128',
    NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem',
    REDIS_URL: 'redis://h',
    REDIS_TLS_CA_FILE: '/nowhere/redis-ca.pem',
    REDIS_TLS_KEY_FILE: '/nowhere/redis.key',
  });
  const names = faults.map(([name]) => name);
  expect([...new Set(names)].sort()).toEqual([
    'HTTPS_PROXY',
    'NODE_EXTRA_CA_CERTS',
    'REDIS_TLS_CA_FILE',
    'REDIS_TLS_CERT_FILE',
    'REDIS_TLS_KEY_FILE',
    'http_proxy',
  ]);
  expect(JSON.stringify(faults)).not.toContain('s3cret');
  for (const [name, fault] of faults) expect(fault).toContain(name);
});
