import { request } from 'node:http';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { openSocket } from './socket-client.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** A browser on this machine shows somebody's page; the API asks for no key. */
let redis: TestRedis;
let open: TestApi;
let named: TestApi;
let keyed: TestApi;
const KEY = 'a-key-of-the-owner-0123456789abcdef';
const FOREIGN = 'https://evil.example';
beforeAll(async () => {
  redis = await startTestRedis();
  open = await startTestApi(redis, {});
  named = await startTestApi(redis, {
    ALLOWED_HOSTS: 'Swarm.Example,other',
    CORS_ORIGINS: 'https://page.example',
  });
  keyed = await startTestApi(redis, { AUTH_ENABLED: 'true', API_KEYS: KEY });
});
afterAll(async () => {
  for (const server of [open, named, keyed]) await server?.api.close();
  await redis?.stop();
});

/** `fetch` writes the Host header itself. */
function under(server: TestApi, host: string, path: string, method = 'GET', key?: string) {
  return new Promise<{ status: number; code: unknown }>((resolve, reject) => {
    const headers = { host, connection: 'close', ...(key === undefined ? {} : { 'x-api-key': key }) };
    const sent = request(new URL(path, server.api.url), { method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        const code = /"code":"(\w+)"/.exec(text)?.[1];
        resolve({ status: answer.statusCode ?? 0, code });
      });
    });
    sent.on('error', reject).end();
  });
}

const create = (server: TestApi, headers: Record<string, string>) =>
  server.post('/api/swarm/create', { objective: OBJECTIVE }, { headers });

describe('names (DNS rebinding)', () => {
  const strange = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:3000'];
  test.each(strange)('nothing is answered under %s, not even a page', async (host) => {
    for (const path of ['/api/swarms', '/', '/docs', '/openapi.json', '/metrics', '/admin/queues/']) {
      const answer = await under(open, host, path);
      expect([path, answer]).toEqual([path, { status: 403, code: 'host_not_allowed' }]);
    }
    expect((await under(open, host, '/api/ws-ticket', 'POST')).code).toBe('host_not_allowed');
  });

  test.each([
    'localhost',
    'LOCALHOST:3000',
    'api.localhost',
    '127.0.0.1:80',
    '[::1]:3000',
    '10.1.2.3',
    '[fd00::1]',
  ])('all is answered under %s', async (host) =>
    expect((await under(open, host, '/api/swarms')).status).toBe(200),
  );

  test('names that were configured, probes under any, and any with a key', async () => {
    expect((await under(named, 'swarm.example:8080', '/api/swarms')).status).toBe(200);
    expect((await under(named, 'evil.example', '/api/swarms')).status).toBe(403);
    for (const path of ['/livez', '/readyz', '/api/health'])
      expect((await under(open, 'pod.example', path)).status).toBe(200);
    expect((await under(keyed, 'evil.example', '/api/swarms', 'GET', KEY)).status).toBe(200);
  });

  test('a WebSocket neither', async () => {
    await expect(openSocket(open.api.url, { headers: { host: 'evil.example' } })).rejects.toThrow('403');
  });
});

describe('origins', () => {
  test('a strange page changes nothing, and reads nothing', async () => {
    const { swarmId } = (await create(open, {})).json;
    const changes: [string, string, object?][] = [
      ['POST', '/api/swarm/create', { objective: OBJECTIVE }],
      ['POST', `/api/swarm/${swarmId}/stop`],
      ['DELETE', `/api/swarm/${swarmId}`],
      ['POST', '/api/keys', { name: 'mine' }],
      ['POST', '/api/ws-ticket'],
    ];
    for (const [method, path, body] of changes) {
      const more = body === undefined ? {} : { body };
      for (const origin of [FOREIGN, 'null', 'http://localhost.evil.example']) {
        const { status, json } = await open.call(path, { method, headers: { origin }, ...more });
        expect([path, origin, status, json.code]).toEqual([path, origin, 403, 'origin_not_allowed']);
      }
    }
    const read = await open.call('/api/swarms', { headers: { origin: FOREIGN } });
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
    await expect(openSocket(open.api.url, { headers: { origin: FOREIGN } })).rejects.toThrow('403');
  });

  test('pages of this machine, of the API itself and those named may', async () => {
    const local = await create(open, { origin: 'http://localhost:5173' });
    expect(local.status).toBe(201);
    expect(local.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    const own = new URL(open.api.url).origin;
    expect((await create(open, { origin: own })).status).toBe(201);
    expect((await create(named, { origin: 'https://page.example' })).status).toBe(201);
    expect((await create(named, { origin: FOREIGN })).status).toBe(403);
  });
});

test('a key that is made without authentication does not last', async () => {
  const { json } = await open.post('/api/keys', { name: 'mine' });
  expect(json.data.createdBy).toBe('local');
  const lives = Date.parse(json.data.expiresAt) - Date.parse(json.data.createdAt);
  expect(lives).toBeLessThanOrEqual(24 * 3_600_000);
  const longer = await open.post('/api/keys', { name: 'mine', expiresInDays: 2 });
  expect([longer.status, longer.json.code]).toEqual([403, 'permission_denied']);
});
