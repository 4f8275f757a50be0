import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { validatorOf } from './described.ts';
import { openRaw, readAnswer } from './raw-socket.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** What `pnpm fuzz` has found, each as one named test. */
let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis, { WS_HEARTBEAT: '60000' });
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const isProblem = validatorOf({ $ref: '#/components/schemas/Problem' });

/** Sends these bytes. @returns the whole answer, which has to be a problem document and the end of the connection */
async function refusalOf(bytes: string) {
  const raw = await openRaw(server.api.port);
  raw.write(bytes);
  const { status, headers, body } = readAnswer(await raw.closed());
  expect(headers.toLowerCase()).toContain('content-type: application/problem+json');
  expect(headers.toLowerCase()).toContain('x-content-type-options: nosniff');
  const problem = JSON.parse(body);
  expect(isProblem(problem), JSON.stringify(isProblem.errors)).toBe(true);
  return [status, problem.code];
}
const createWith = (body: string) =>
  server.call('/api/swarm/create', {
    method: 'POST',
    raw: body,
    headers: { 'content-type': 'application/json' },
  });
const withDependencies = (dependencies: string) =>
  `{"objective":"${OBJECTIVE}","tasks":[{"key":"a","name":"Some task","description":"Write something short.",` +
  `"dependencies":${dependencies}}]}`;

describe('dependencies that are no keys', () => {
  test.each([
    ['nested deeper than the call stack', `[${'['.repeat(6_000)}${']'.repeat(6_000)}]`],
    ['an object that cannot become a text', '[{"toString":1,"valueOf":2}]'],
    ['an object that brings a prototype', '[{"__proto__":null}]'],
    ['lists', '[["a"]]'],
  ])('%s: 400', async (_what, dependencies) => {
    const { status, json } = await createWith(withDependencies(dependencies));
    expect([status, json.code]).toEqual([400, 'validation_failed']);
  });

  test('a text in any other field may look like brackets', async () => {
    expect((await createWith(`{"objective":"${'['.repeat(400)}"}`)).status).toBe(201);
  });
});

describe('hundreds of thousands of faults are answered with a few, in few bytes', () => {
  const zeros = (count: number) => `{"objective":"${OBJECTIVE}","tasks":[${'0,'.repeat(count)}0]}`;

  test('as many as are looked at: the first hundred', async () => {
    const { status, json, text } = await createWith(zeros(9_000));
    expect([status, json.details.length]).toEqual([400, 100]);
    expect(json.message).toContain('and perhaps more');
    expect(text.length).toBeLessThan(50_000);
  });

  test('more than that: none', async () => {
    const { status, json } = await createWith(zeros(450_000));
    expect([status, json.code, json.details.length]).toEqual([400, 'validation_failed', 1]);
  });

  test('one that is half a megabyte long is cut', async () => {
    const { status, text } = await createWith(withDependencies(`["${'x'.repeat(500_000)}"]`));
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(5_000);
  });
});

describe('what no route sees is refused with a problem document all the same', () => {
  test.each([
    [
      'a Host that is none',
      'GET /api/swarms HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      400,
      'malformed_request',
    ],
    ['no address', 'GET /x\\y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400, 'malformed_request'],
    ['no Host', 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed_request'],
    ['no HTTP', 'hello\r\n\r\n', 400, 'malformed_request'],
    [
      'an expectation',
      'GET /livez HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\n\r\n',
      417,
      'expectation_failed',
    ],
  ])('%s', async (_what, bytes, status, code) => {
    expect(await refusalOf(bytes)).toEqual([status, code]);
  });
});

describe('a refused upgrade is answered whole and ended, whether or not the client says goodbye', () => {
  const upgrade = (path: string, lines: string[]) =>
    [`GET ${path} HTTP/1.1`, 'Connection: Upgrade', 'Upgrade: websocket', ...lines, '', ''].join('\r\n');
  const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  const VERSION = 'Sec-WebSocket-Version: 13';

  test.each([
    [
      'a ticket that is none',
      upgrade('/ws?ticket=x', ['Host: localhost', VERSION, KEY]),
      401,
      'authentication_required',
    ],
    [
      'no Connection: Upgrade',
      'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUpgrade: websocket\r\n\r\n',
      426,
      'upgrade_required',
    ],
    ['no key', upgrade('/ws', ['Host: localhost', VERSION]), 400, 'malformed_request'],
    [
      'an old version',
      upgrade('/ws', ['Host: localhost', 'Sec-WebSocket-Version: 7', KEY]),
      400,
      'malformed_request',
    ],
    [
      'another method',
      upgrade('/ws', ['Host: localhost', VERSION, KEY, 'Connection: close']).replace('GET', 'PUT'),
      405,
      'method_not_allowed',
    ],
    [
      'a Host that is none',
      upgrade('/ws', ['Host: a b', 'Connection: close', VERSION, KEY]),
      400,
      'malformed_request',
    ],
  ])('%s', async (_what, bytes, status, code) => {
    expect(await refusalOf(bytes)).toEqual([status, code]);
  });
});
