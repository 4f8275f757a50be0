import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEnv } from '../env.ts';
import { type Harness, startHarness } from './harness.ts';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.server.close());

/** `fetch` writes some headers itself. */
const statusOf = (path: string, headers: Record<string, string>, method = 'GET') =>
  new Promise<number>((resolve, reject) => {
    request(
      new URL(path, h.server.url),
      { method, headers: { connection: 'close', ...headers } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    )
      .on('error', reject)
      .end(method === 'POST' ? '{"rules": []}' : undefined);
  });

const CONTROLS = ['/_mock/stats', '/_mock/requests'] as const;

test.each(['localhost', 'localhost:8787', '127.0.0.1:1', '[::1]:8787'])(
  'the controls answer under %s',
  async (host) => {
    for (const path of CONTROLS) expect(await statusOf(path, { host })).toBe(200);
  },
);

test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1'])(
  'under %s they do not, although the connection comes from this machine',
  async (host) => {
    for (const path of CONTROLS) expect(await statusOf(path, { host })).toBe(403);
    expect(await statusOf('/_mock/scenario', { host }, 'POST')).toBe(403);
    expect(await statusOf('/_mock/reset', { host }, 'POST')).toBe(403);
  },
);

test('a web page has no control, also one of this machine', async () => {
  for (const origin of ['https://evil.example', 'null', 'http://localhost:3000'])
    expect(await statusOf('/_mock/scenario', { origin }, 'POST')).toBe(403);
});

test('it serves neither in production nor for other machines, unless it is told to', () => {
  const faults = (env: NodeJS.ProcessEnv) => {
    const read = readEnv(env);
    return 'faults' in read ? read.faults.map((fault) => fault.split(' ')[0]) : [];
  };
  expect(faults({})).toEqual([]);
  expect(faults({ NODE_ENV: 'production' })).toEqual(['NODE_ENV']);
  for (const host of ['0.0.0.0', '::', '10.1.2.3']) expect(faults({ HOST: host })).toEqual(['HOST']);
  expect(faults({ NODE_ENV: 'production', HOST: '0.0.0.0' })).toEqual(['NODE_ENV', 'HOST']);
  const told = { MOCK_ALLOW_PRODUCTION: 'true', MOCK_ALLOW_PUBLIC: 'true' };
  expect(faults({ NODE_ENV: 'production', HOST: '0.0.0.0', ...told })).toEqual([]);
  expect(faults({ MOCK_ALLOW_PUBLIC: 'yes' })).toEqual(['MOCK_ALLOW_PUBLIC']);
});
