import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBoolean } from './config-values.ts';
import { environmentNotes } from './environment-notes.ts';
import { KNOWN_VARIABLES } from './known-variables.ts';

const sentences = (env: Record<string, string>) => environmentNotes(env).map(({ sentence }) => sentence);

test.each([
  ['AUTH_ENABLE', 'AUTH_ENABLED'],
  ['AUTH_ENABELD', 'AUTH_ENABLED'],
  ['Auth_Enabled', 'AUTH_ENABLED'],
  ['API_KEY', 'API_KEYS'],
  ['REDIS_URI', 'REDIS_URL'],
  ['RATELIMIT_MAX', 'RATE_LIMIT_MAX'],
  ['CLAUDE_FLOW_TIMEOUTS', 'CLAUDE_FLOW_TIMEOUT'],
  ['ANTHROPIC_MODEL', 'CLAUDE_FLOW_MODEL'],
  ['ALL_PROXY', 'HTTPS_PROXY'],
  ['CLAUDE_FLOW_WHATEVER', 'there is no such variable'],
])('%s is told', (name, words) => {
  expect(sentences({ [name]: 's3cret' })).toEqual([expect.stringContaining(words)]);
  expect(sentences({ [name]: 's3cret' })[0]).not.toContain('s3cret');
});

test('quotes around a value are told, and what everybody has in his environment is not', () => {
  expect(sentences({ API_KEYS: '"a,b"', JWT_ISSUER: "'x'" })).toHaveLength(2);
  expect(sentences({ API_KEYS: 'a"b', CORS_ORIGINS: '"' })).toEqual([]);
  const usual = {
    PATH: '/bin',
    HOME: '/root',
    HOSTNAME: 'x',
    PWD: '/',
    SSL_CERT_FILE: '/etc/ssl/ca.crt',
    SSL_CERT_DIR: '/etc/ssl/certs',
    SHELL: '/bin/sh',
    LANG: 'C',
    LOGNAME: 'x',
    EDITOR: 'vi',
    NODE_OPTIONS: '',
    NODE_PATH: '/x',
    npm_config_cache: 'x',
    KUBERNETES_PORT: 'tcp://1',
    CLAUDE_FLOW_SERVICE_HOST: '1',
    CLAUDE_FLOW_SERVICE_PORT_HTTP: '1',
    CLAUDE_FLOW_PORT_3000_TCP_ADDR: '1',
    OPENAI_API_KEY: 'k',
    CLAUDE_FLOW_MODEL_CODER: 'm',
    AUTH_ENABLE: '',
  };
  expect(sentences(usual)).toEqual([]);
});

test('certificates that are not checked are told', () => {
  expect(sentences({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([
    expect.stringContaining('no certificate is checked'),
  ]);
});

test('one letter left out, added or swapped in any long name of ours is told, with that name', () => {
  const long = [...KNOWN_VARIABLES].filter((name) => name.length >= 10 && name === name.toUpperCase());
  fc.assert(
    fc.property(
      fc.constantFrom(...long),
      fc.nat(),
      fc.constantFrom('out', 'add', 'swap'),
      (name, at, how) => {
        const i = at % (name.length - 1);
        const changed = {
          out: name.slice(0, i) + name.slice(i + 1),
          add: `${name.slice(0, i)}Q${name.slice(i)}`,
          swap: name.slice(0, i) + name[i + 1] + name[i] + name.slice(i + 2),
        }[how];
        fc.pre(changed !== name && !KNOWN_VARIABLES.has(changed ?? ''));
        expect(sentences({ [changed ?? '']: 'x' })).toHaveLength(1);
      },
    ),
  );
});

test('a yes or no is one of a closed list, in any case', () => {
  for (const text of ['true', 'True', 'YES', 'on', '1', ' true\r'])
    expect([text, readBoolean(text)]).toEqual([text, true]);
  for (const text of ['false', 'FALSE', 'No', 'off', '0'])
    expect([text, readBoolean(text)]).toEqual([text, false]);
  for (const text of ['', 'y', '2', 'enabled', '"true"', 'truee'])
    expect([text, readBoolean(text)]).toEqual([text, undefined]);
});
