import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { openRaw, readAnswer } from './raw-socket.ts';
import { openSocket } from './socket-client.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const DEADLINE_MS = 10_000;

let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis, { HEADERS_TIMEOUT: '300', REQUEST_TIMEOUT: '600' });
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const POST = 'POST /api/swarm/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
/** @returns what came back for these bytes, once the server has ended the connection */
async function say(text: string) {
  const raw = await openRaw(server.api.port);
  raw.write(text);
  return readAnswer(await raw.closed());
}
const problemOf = (body: string) => JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1));

describe('half a request ends', () => {
  test.each([
    ['nothing at all', ''],
    ['half a request line', 'GET /livez'],
    ['headers without an end', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\n'],
    ['a body without its end', `${POST}Content-Length: 100\r\n\r\n{"objective"`],
    ['chunks without an end', `${POST}Transfer-Encoding: chunked\r\n\r\n5\r\n{"obj\r\n`],
  ])('%s', async (_what, text) => {
    const { status, body, headers } = await say(text);
    expect([status, problemOf(body).code]).toEqual([408, 'request_timeout']);
    expect(headers).toContain('Connection: close');
  });

  test('one byte at a time', async () => {
    const raw = await openRaw(server.api.port);
    const drip = setInterval(() => raw.socket.writable && raw.write('x'), 50);
    raw.write('GET /livez HTTP/1.1\r\nX-Slow: ');
    expect(readAnswer(await raw.closed()).status).toBe(408);
    clearInterval(drip);
  });

  test('a hundred of them do not keep anybody else from being served', async () => {
    const half = await Promise.all(Array.from({ length: 100 }, () => openRaw(server.api.port)));
    for (const raw of half) raw.write('GET /livez HTTP/1.1\r\nX-A: ');
    expect((await server.call('/livez')).status).toBe(200);
    await Promise.all(half.map((raw) => raw.closed()));
  });

  test('a WebSocket is no half request', async () => {
    const socket = await openSocket(server.api.url);
    const later = Date.now() + 1_500;
    await waitFor(() => Date.now() > later, {
      deadlineMs: DEADLINE_MS,
      what: 'longer than any request may take',
    });
    socket.send({ type: 'ping' });
    await socket.frame((frame) => frame.type === 'pong', 'an answer');
    await socket.close();
  });
});

describe('bodies', () => {
  test('what is too large is refused before it has come', async () => {
    const { status, body } = await say(`${POST}Content-Length: 5000000\r\n\r\n`);
    expect([status, problemOf(body).code]).toEqual([413, 'body_too_large']);
  });

  test('chunks are counted as they come: an endless body is refused in its middle', async () => {
    const raw = await openRaw(server.api.port);
    raw.write(`${POST}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `40000\r\n${'x'.repeat(0x40000)}\r\n`;
    let sent = 0;
    await waitFor(
      () => {
        if (raw.text() !== '' || raw.socket.destroyed) return true;
        raw.write(chunk);
        sent += 0x40000;
        return false;
      },
      { deadlineMs: DEADLINE_MS, what: 'a refusal while the body is still coming' },
    );
    const { status, body } = readAnswer(await raw.closed());
    expect([status, problemOf(body).code]).toEqual([413, 'body_too_large']);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test.each([
    ['two lengths', `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a length and chunks', `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a length that is none', `${POST}Content-Length: -1\r\n\r\n`],
    ['a chunk size that is none', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['no HTTP', 'hello\r\n\r\n'],
    ['two hosts', 'GET /livez HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n'],
    ['a NUL in a header', 'GET /livez HTTP/1.1\r\nHost: a\r\nX-A: \0\r\n\r\n'],
  ])('%s: 400', async (_what, text) => {
    const { status, body } = await say(text);
    expect([status, problemOf(body).code]).toEqual([400, 'malformed_request']);
  });

  test.each([
    ['arrays', (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`],
    ['objects', (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`],
    ['never closed', (depth: number) => '['.repeat(depth)],
  ])('JSON nested too deeply: %s', async (what, nested) => {
    const post = (requirements: string) =>
      server.call('/api/swarm/create', {
        method: 'POST',
        raw: `{"objective":"${OBJECTIVE}","extra":${requirements}}`,
        headers: { 'content-type': 'application/json; charset=utf-8' },
      });
    // The depth is looked at before the text is parsed.
    const codes = ['validation_failed', 'malformed_json'];
    for (const depth of [33, 5_000, 150_000]) {
      const { status, json } = await post(nested(depth));
      expect([depth, status]).toEqual([depth, 400]);
      expect(codes).toContain(json.code);
    }
    if (what !== 'never closed') expect((await post(nested(31))).status).toBe(201);
  });
});

describe('headers', () => {
  test('too large, too many: 431', async () => {
    const large = await say(`GET /livez HTTP/1.1\r\nHost: a\r\nX-A: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect([large.status, problemOf(large.body).code]).toEqual([431, 'headers_too_large']);
    const lines = (count: number) =>
      Array.from({ length: count }, (_, place) => `X-${place}: 1\r\n`).join('');
    const ask = (count: number) =>
      say(`GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines(count)}\r\n`);
    expect((await ask(98)).status).toBe(200);
    const many = await ask(99);
    expect([many.status, problemOf(many.body).code]).toEqual([431, 'headers_too_large']);
  });
});

describe('connections', () => {
  test('one that nobody uses any more is ended', async () => {
    const impatient = await startTestApi(redis, { KEEP_ALIVE_TIMEOUT: '1000' });
    const raw = await openRaw(impatient.api.port);
    raw.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(readAnswer(await raw.closed()).status).toBe(200);
    await impatient.api.close();
  });

  test('more than one address may have are dropped, and there is room again when some end', async () => {
    const capped = await startTestApi(redis, {
      MAX_CONNECTIONS_PER_ADDRESS: '3',
      KEEP_ALIVE_TIMEOUT: '60000',
    });
    const { port } = capped.api;
    const ask = async () => {
      const raw = await openRaw(port);
      raw.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
      await waitFor(() => raw.socket.destroyed || raw.text().includes('ok'), {
        deadlineMs: DEADLINE_MS,
        what: 'an answer, or the end',
      });
      return raw;
    };
    const open = [await ask(), await ask(), await ask()];
    for (const raw of open) expect(readAnswer(raw.text()).status).toBe(200);
    expect((await ask()).text()).toBe('');
    open[0]?.socket.destroy();
    await waitFor(async () => (await ask()).text() !== '', { deadlineMs: DEADLINE_MS, what: 'room' });
    await capped.api.close();
  });

  test('more than the process may have are dropped', async () => {
    const capped = await startTestApi(redis, { MAX_CONNECTIONS: '2' });
    const held = [await openRaw(capped.api.port), await openRaw(capped.api.port)];
    const third = await openRaw(capped.api.port);
    expect(await third.closed()).toBe('');
    for (const raw of held) raw.socket.destroy();
    await waitFor(
      () =>
        capped.call('/livez').then(
          () => true,
          () => false,
        ),
      {
        deadlineMs: DEADLINE_MS,
        what: 'room',
      },
    );
    await capped.api.close();
  });
});

test.each([
  ['GET', '/livez'],
  ['GET', '/readyz'],
  ['GET', '/api/health'],
  ['GET', '/metrics'],
  ['HEAD', '/livez'],
])('HTTP/1.0 without a Host, as balancers check health: %s %s', async (method, path) => {
  expect(await say(`${method} ${path} HTTP/1.0\r\n\r\n`)).toMatchObject({ status: 200 });
});

test('HTTP/1.0 without a Host reaches every route, and 1.1 needs one', async () => {
  expect((await say('OPTIONS / HTTP/1.0\r\n\r\n')).status).toBeLessThan(500);
  expect((await say('GET /nothing HTTP/1.0\r\n\r\n')).status).toBe(404);
  const body = JSON.stringify({ objective: OBJECTIVE });
  const head = `POST /api/swarm/create HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  expect((await say(`${head}\r\n\r\n${body}`)).status).toBe(201);
  expect((await say('GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n')).status).toBe(400);
});
