import { connect } from 'node:net';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});
const createRaw = (raw: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  server.call('/api/swarm/create', { method: 'POST', raw, headers });

describe('refusals are problem documents that also carry error and message', () => {
  test.each([
    ['an unknown route', () => server.call('/api/nothing'), 404, 'route_not_found'],
    ['GET on create (an id that is none)', () => server.call('/api/swarm/create'), 404, 'swarm_not_found'],
    ['an id of a strange form', () => server.call('/api/swarm/..%2f..'), 404, 'swarm_not_found'],
    ['broken JSON', () => createRaw('{"objective"'), 400, 'malformed_json'],
    ['an empty body', () => createRaw(''), 400, 'malformed_json'],
    [
      'a form',
      () => createRaw('a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'unsupported_media_type',
    ],
    ['plain text', () => createRaw('{}', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type'],
    ['too much', () => createRaw(`{"objective":"${'x'.repeat(1_048_577)}"}`), 413, 'body_too_large'],
    ['a bad query', () => server.call('/api/swarms?limit=many'), 400, 'validation_failed'],
    [
      'a bad level',
      () => server.call('/api/swarm/swarm_a_000000000/logs?level=loud'),
      400,
      'validation_failed',
    ],
  ])('%s', async (_what, ask, status, code) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ status, code, requestId: answer.headers.get('x-request-id') });
    expect(answer.json.error).toBe(answer.json.title);
    expect(answer.json.message).toBe(answer.json.detail);
    expect(answer.text).not.toMatch(/node_modules|\.ts:/);
  });

  test('a wrong method names the right ones', async () => {
    const answer = await server.call('/api/swarm/swarm_a_000000000/start', { method: 'PUT' });
    expect([answer.status, answer.headers.get('allow'), answer.json.code]).toEqual([
      405,
      'POST',
      'method_not_allowed',
    ]);
    const read = await server.call('/api/health', { method: 'DELETE' });
    expect(read.headers.get('allow')).toBe('GET, HEAD');
  });

  test.each([
    ['/api/swarm/swarm_a_000000000', 'GET, HEAD, DELETE'],
    ['/api/swarm/swarm_a_000000000/tasks', 'GET, HEAD, POST'],
    ['/api/swarm/swarm_a_000000000/tasks/task_001', 'GET, HEAD, DELETE'],
    ['/api/swarm/swarm_a_000000000/tasks/task_001/retry', 'POST'],
    ['/api/swarm/swarm_a_000000000/agents', 'GET, HEAD, POST'],
    ['/api/swarm/swarm_a_000000000/agents/agent_001', 'GET, HEAD, DELETE'],
    ['/api/swarm/swarm_a_000000000/metrics', 'GET, HEAD'],
    ['/api/swarm/swarm_a_000000000/artifacts.tar', 'GET, HEAD'],
    ['/api/swarms', 'GET, HEAD'],
  ])('PUT %s: 405, and what is possible: %s', async (path, allowed) => {
    const { status, headers, json } = await server.call(path, { method: 'PUT' });
    const named = json.message.replace('PUT is not possible here; use ', '').replace(/\.$/, '').split(' or ');
    expect(named.sort()).toEqual(allowed.split(', ').sort());
    const names = headers.get('allow')?.split(', ').sort();
    expect([status, names]).toEqual([405, allowed.split(', ').sort()]);
  });

  test.each([
    ['no such bytes', [0xff, 0xfe]],
    ['broken off', [0xc3, 0x28]],
    ['longer than need be', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
  ])('a text that is not UTF-8 is refused, not changed: %s', async (_what, bytes) => {
    const [before, after] = JSON.stringify({ objective: `${OBJECTIVE}|` }).split('|');
    const body = Buffer.concat([Buffer.from(before ?? ''), Buffer.from(bytes), Buffer.from(after ?? '')]);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.api.url}/api/swarm/create`, { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'malformed_json' }]);
  });

  test('U+FFFD itself, and a mark at the beginning, are UTF-8', async () => {
    const objective = `${OBJECTIVE} \ufffd`;
    const body = `\ufeff${JSON.stringify({ objective })}`;
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const answer = await fetch(`${server.api.url}/api/swarm/create`, { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toMatchObject([201, { data: { objective } }]);
  });

  test('a body that says it is compressed is 415, whatever it is', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const body = { objective: OBJECTIVE };
    const { status, json } = await server.post('/api/swarm/create', body, { headers });
    expect([status, json.code]).toEqual([415, 'unsupported_media_type']);
    const plain = await server.post('/api/swarm/create', body, {
      headers: { 'content-encoding': 'Identity' },
    });
    expect(plain.status).toBe(201);
  });

  test('a route that takes no body does not look at one', async () => {
    const { swarmId } = (await server.post('/api/swarm/create', { objective: OBJECTIVE })).json;
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const raw = `${'['.repeat(300)}${']'.repeat(300)}`;
    const stop = await server.call(`/api/swarm/${swarmId}/stop`, { method: 'POST', raw, headers });
    expect(stop.status).toBe(200);
    expect((await server.call('/api/swarms', { headers })).status).toBe(200);
  });

  test('a body without a length is read, and limited, too', async () => {
    const body = (text: string) => new Blob([text]).stream();
    const send = (text: string) =>
      fetch(`${server.api.url}/api/swarm/create`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: body(text),
        duplex: 'half',
      } as RequestInit);
    expect((await send(JSON.stringify({ objective: OBJECTIVE }))).status).toBe(201);
    expect((await send(`{"objective":"${'x'.repeat(1_100_000)}"}`)).status).toBe(413);
  });
});

test('HEAD answers like GET, without a body', async () => {
  const answer = await server.call('/api/health', { method: 'HEAD' });
  expect([answer.status, answer.text]).toEqual([200, '']);
});

test('a request id of the caller’s comes back; security headers are there', async () => {
  const { headers } = await server.call('/api/health', { headers: { 'x-request-id': 'mine-1' } });
  expect(headers.get('x-request-id')).toBe('mine-1');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get('strict-transport-security')).toBeNull();
  expect(headers.get('x-xss-protection')).toBe('0');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('permissions-policy')).toContain('camera=()');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-powered-by')).toBeNull();
});

test.each([
  ['what is not there', () => server.call('/api/nothing'), 404],
  ['what is refused', () => createRaw('{'), 400],
  ['a preflight', () => server.call('/api/swarms', { method: 'OPTIONS' }), 204],
])('security headers are on %s too', async (_what, ask, status) => {
  const answer = await ask();
  expect(answer.status).toBe(status);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

describe('CORS', () => {
  const preflight = (api: TestApi, origin: string) =>
    api.call('/api/swarm/create', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-api-key',
      },
    });

  test('in development every page may call, without cookies, if it has a key', async () => {
    const origin = 'access-control-allow-origin';
    const keyed = await startTestApi(redis, { AUTH_ENABLED: 'true', API_KEYS: 'k', HOST: '127.0.0.1' });
    try {
      const { status, headers } = await preflight(keyed, 'https://a.example');
      expect([status, headers.get(origin)]).toEqual([204, '*']);
    } finally {
      await keyed.api.close();
    }
    expect((await preflight(server, 'https://a.example')).headers.get(origin)).toBeNull();
    const answer = await preflight(server, 'http://localhost:5173');
    expect([answer.status, answer.headers.get(origin)]).toEqual([204, 'http://localhost:5173']);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('access-control-allow-methods')).toContain('DELETE');
    const allowed = answer.headers.get('access-control-allow-headers');
    for (const name of ['Content-Type', 'X-API-Key', 'Authorization', 'Idempotency-Key', 'Last-Event-ID']) {
      expect(allowed).toContain(name);
    }
  });

  test('in production none may, unless named; a preflight needs no key', async () => {
    const key = 'a-key-that-is-long-enough';
    const production = { NODE_ENV: 'production', HOST: '127.0.0.1', AUTH_ENABLED: 'true', API_KEYS: key };
    const closed = await startTestApi(redis, production);
    const named = await startTestApi(redis, { ...production, CORS_ORIGINS: 'https://a.example' });
    try {
      const origin = 'access-control-allow-origin';
      expect((await preflight(closed, 'https://a.example')).headers.get(origin)).toBeNull();
      const answer = await preflight(named, 'https://a.example');
      expect([answer.status, answer.headers.get(origin)]).toEqual([204, 'https://a.example']);
      for (const strange of [
        'https://b.example',
        'https://a.example.evil.example',
        'http://a.example',
        'null',
      ]) {
        expect((await preflight(named, strange)).headers.get(origin)).toBeNull();
        const asked = await named.call('/api/health', { headers: { origin: strange } });
        expect([asked.headers.get(origin), asked.headers.get('vary')]).toEqual([null, 'Origin']);
      }
      expect(answer.headers.get('access-control-allow-methods')).toContain('DELETE');
      expect((await closed.call('/api/health')).json.environment).toBe('production');
    } finally {
      await closed.api.close();
      await named.api.close();
    }
  });
});

describe('limits', () => {
  test('writes are counted per caller over all servers, reads apart, health not at all', async () => {
    const env = {
      HOST: '127.0.0.1',
      REDIS_PREFIX: `${redis.prefix}-limits`,
      AUTH_ENABLED: 'true',
      API_KEYS: 'key-a,key-b',
      RATE_LIMIT_MAX: '3',
    };
    const [one, two] = [await startTestApi(redis, env), await startTestApi(redis, env)];
    try {
      const write = (api: TestApi, key: string) =>
        api.post('/api/swarm/create', { objective: OBJECTIVE }, { key });
      const statuses = [];
      for (const api of [one, two, one, two]) statuses.push((await write(api, 'key-a')).status);
      expect(statuses).toEqual([201, 201, 201, 429]);
      const refused = await write(one, 'key-a');
      expect(refused.json).toMatchObject({ error: 'Rate limit exceeded', retryAfter: expect.any(Number) });
      expect(refused.headers.get('retry-after')).toBe(String(refused.json.retryAfter));
      expect(refused.json.retryAfter).toBeGreaterThan(0);
      expect((await write(one, 'key-b')).status).toBe(201);
      const read = await one.call('/api/swarms', { key: 'key-a' });
      expect([read.status, read.headers.get('ratelimit-limit')]).toEqual([200, '3000']);
      expect((await one.call('/api/health')).headers.get('ratelimit-limit')).toBeNull();
    } finally {
      await one.api.close();
      await two.api.close();
    }
  });

  test('without authentication there are none, unless asked for', async () => {
    expect((await server.call('/api/swarms')).headers.get('ratelimit-limit')).toBeNull();
    const asked = await startTestApi(redis, { REDIS_PREFIX: `${redis.prefix}-asked`, RATE_LIMIT_MAX: '1' });
    try {
      await asked.post('/api/swarm/create', { objective: OBJECTIVE });
      expect((await asked.post('/api/swarm/create', { objective: OBJECTIVE })).status).toBe(429);
    } finally {
      await asked.api.close();
    }
  });
});

test('an upgrade to something else than WebSocket is answered like any request', async () => {
  const statusLines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect(server.api.port, '127.0.0.1');
    socket.on('data', (chunk) => {
      statusLines.push(String(chunk).split('\r\n')[0] ?? '');
      if (statusLines.length === 2) socket.end(resolve);
      else socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    });
    socket.on('error', reject);
    socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  });
  expect(statusLines).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
});
