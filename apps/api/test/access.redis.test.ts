import { createHmac } from 'node:crypto';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIAMOND, OBJECTIVE } from './bodies.ts';
import { type MiniWorker, startMiniWorker } from './mini-worker.ts';
import { openSocket } from './socket-client.ts';
import { type CallOptions, startTestApi, type TestApi } from './test-api.ts';

const SECRET = 'a secret of at least thirty-two bytes';
const KEYS = {
  user: 'user-key-000000000001',
  other: 'other-key-00000000002',
  admin: 'admin-key-00000000003',
};

/** What a route asks for. `own`: also that the swarm, or the key, is the caller's. */
type Access =
  | 'public'
  | 'known'
  | 'read'
  | 'write'
  | 'own-read'
  | 'own-write'
  | 'keys'
  | 'own-keys'
  | 'system';

/** Every route. A new one that is missing here fails the first test. */
const TABLE: Record<string, Access> = {
  'GET /': 'public',
  'GET /docs': 'public',
  'GET /favicon.ico': 'public',
  'GET /favicon.svg': 'public',
  'GET /docs/scalar.js': 'public',
  'GET /openapi.json': 'public',
  'GET /api/health': 'public',
  'GET /livez': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'system',
  'GET /api/system/stats': 'system',
  'GET /api/usage': 'read',
  'POST /api/ws-ticket': 'read',
  'GET /ws': 'read',
  'GET /api/swarms': 'read',
  'POST /api/swarm/create': 'write',
  'GET /api/swarm/:id': 'own-read',
  'GET /api/swarm/:id/tasks': 'own-read',
  'GET /api/swarm/:id/tasks/:taskId': 'own-read',
  'GET /api/swarm/:id/agents': 'own-read',
  'GET /api/swarm/:id/results': 'own-read',
  'GET /api/swarm/:id/logs': 'own-read',
  'GET /api/swarm/:id/events': 'own-read',
  'GET /api/swarm/:id/artifacts': 'own-read',
  'GET /api/swarm/:id/artifacts/:taskId/:path{.+}': 'own-read',
  'GET /api/swarm/:id/artifacts.tar': 'own-read',
  'GET /api/swarm/:id/metrics': 'own-read',
  'GET /api/swarm/:id/graph': 'own-read',
  'GET /api/swarm/:id/tasks/:taskId/attempts': 'own-read',
  'GET /api/swarm/:id/tasks/:taskId/turns': 'own-read',
  'GET /api/swarm/:id/agents/:agentId': 'own-read',
  'POST /api/swarm/:id/agents': 'own-write',
  'DELETE /api/swarm/:id/agents/:agentId': 'own-write',
  'POST /api/swarm/:id/tasks': 'own-write',
  'DELETE /api/swarm/:id/tasks/:taskId': 'own-write',
  'POST /api/swarm/:id/tasks/:taskId/assign': 'own-write',
  'POST /api/swarm/:id/tasks/:taskId/retry': 'own-write',
  'POST /api/swarm/:id/pause': 'own-write',
  'POST /api/swarm/:id/resume': 'own-write',
  'POST /api/swarm/:id/start': 'own-write',
  'POST /api/swarm/:id/stop': 'own-write',
  'GET /api/swarm/:id/approvals': 'own-read',
  'GET /api/swarm/:id/approvals/:approvalId': 'own-read',
  'POST /api/swarm/:id/approvals/:approvalId': 'own-write',
  'DELETE /api/swarm/:id': 'own-write',
  'GET /api/keys': 'keys',
  'POST /api/keys': 'keys',
  'DELETE /api/keys/:keyId': 'own-keys',
};
const BOARD = '/admin/queues';

/** What is read before the swarm's owner: a body that is valid. */
const BODIES: Record<string, object> = {
  'POST /api/swarm/:id/agents': { type: 'coder' },
  'POST /api/swarm/:id/approvals/:approvalId': { decision: 'approve' },
  'POST /api/swarm/:id/tasks': { name: 'A task', description: 'Do one more thing', type: 'coding' },
  'POST /api/swarm/:id/tasks/:taskId/assign': { agentId: 'agent_001' },
};

let redis: TestRedis;
let server: TestApi;
let worker: MiniWorker;
let swarmId: string;
/** A stored key of alice's, and what is done with it. */
let keyId: string;
/** Headers of each kind of caller. The swarm is alice's. */
let callers: Record<
  | 'nobody'
  | 'stranger'
  | 'unstored'
  | 'expired'
  | 'forged'
  | 'rightless'
  | 'reader'
  | 'alice'
  | 'manager'
  | 'bob'
  | 'other'
  | 'stored'
  | 'admin',
  Record<string, string>
>;

const token = (claims: object, { secret = SECRET, expires = '5m' } = {}) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret));

beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis, {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    API_KEYS: ` ${KEYS.user}, ,${KEYS.other},`,
    ADMIN_API_KEYS: KEYS.admin,
    JWT_SECRET: SECRET,
    RATE_LIMIT_MAX: '100000',
    RATE_LIMIT_FAILED_AUTH: '100000',
  });
  worker = startMiniWorker(redis, { files: { a: [{ path: 'plain.txt', content: Buffer.from('mine') }] } });
  const bearer = async (...from: Parameters<typeof token>) => ({
    authorization: `Bearer ${await token(...from)}`,
  });
  callers = {
    nobody: {},
    stranger: { 'x-api-key': 'not a key' },
    unstored: { 'x-api-key': `cf_${'0'.repeat(64)}` },
    expired: await bearer({ sub: 'alice' }, { expires: '-1m' }),
    forged: await bearer({ sub: 'alice' }, { secret: 'another secret of thirty-two bytes' }),
    rightless: await bearer({ sub: 'alice', permissions: [] }),
    reader: await bearer({ sub: 'alice', permissions: ['swarms:read', 'made:up'] }),
    alice: await bearer({ sub: 'alice' }),
    manager: await bearer({ sub: 'alice', permissions: ['keys:manage'] }),
    bob: await bearer({ sub: 'bob', permissions: ['keys:manage'] }),
    stored: {},
    other: { 'x-api-key': KEYS.other },
    admin: { authorization: `Bearer ${KEYS.admin}` },
  };
  const wish = { name: 'test', owner: 'jwt:alice', permissions: ['swarms:read', 'swarms:write'] };
  const made = await server.post('/api/keys', wish, { key: KEYS.admin });
  callers.stored = { 'x-api-key': made.json.key };
  keyId = (await server.post('/api/keys', { ...wish, permissions: ['keys:manage'] }, { key: KEYS.admin }))
    .json.keyId;
  swarmId = await create();
  await waitFor(async () => (await ask('GET /api/swarm/:id', 'alice')).json.data.status === 'completed', {
    deadlineMs: 10_000,
    what: 'a swarm with a file',
  });
});
afterAll(async () => {
  await worker?.stop();
  await server?.api.close();
  await redis?.stop();
});

/** A swarm of alice's. */
async function create(): Promise<string> {
  const body = { objective: OBJECTIVE, tasks: DIAMOND.slice(0, 1), autoStart: true };
  return (await server.post('/api/swarm/create', body, { headers: callers.alice })).json.swarmId;
}

function ask(route: string, caller: keyof typeof callers, options: CallOptions = {}) {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern
    .replace(':id', swarmId)
    .replace(':keyId', keyId)
    .replace(':taskId', 'task_001')
    .replace(':agentId', 'agent_001')
    .replace(':path{.+}', 'plain.txt')
    .replace(/:\w+/g, 'x')
    .replace(/\*$/, 'x');
  const content = BODIES[route];
  const body = content === undefined ? {} : { body: content };
  return server.call(path, {
    method,
    ...body,
    ...options,
    headers: { ...callers[caller], ...options.headers },
  });
}

const routes = () => [
  ...new Set(
    server.api.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`),
  ),
];

test('every route is in the table', () => {
  const missing = routes().filter((route) => !(route in TABLE) && !route.includes(` ${BOARD}`));
  expect(missing).toEqual([]);
  for (const route of Object.keys(TABLE)) expect(routes()).toContain(route);
});

describe.each(Object.entries(TABLE))('%s (%s)', (route, access) => {
  test('who may not come in', async () => {
    const strangers = ['nobody', 'stranger', 'unstored', 'expired', 'forged'] as const;
    for (const caller of strangers) {
      const { status, json } = await ask(route, caller);
      if (access === 'public') {
        expect([caller, status < 400]).toEqual([caller, true]);
      } else {
        expect([caller, status]).toEqual([caller, 401]);
        expect(json).toMatchObject({
          error: 'Authentication required',
          message: expect.stringMatching(/^Provide valid API key or JWT token: the header X-API-Key: /),
        });
      }
    }
  });

  test('who lacks the right', async () => {
    if (access === 'public' || access === 'known') return;
    expect((await ask(route, 'rightless')).status).toBe(403);
    const writes = access === 'write' || access === 'own-write';
    if (writes) expect((await ask(route, 'reader')).json).toMatchObject({ code: 'permission_denied' });
    const keys = access === 'keys' || access === 'own-keys';
    const system = access === 'system';
    for (const caller of keys || system ? (['alice', 'other', 'stored'] as const) : (['manager'] as const)) {
      const answer = await ask(route, caller);
      expect([caller, answer.status, answer.json.code]).toEqual([caller, 403, 'permission_denied']);
    }
  });

  test('whose it is not', async () => {
    if (!access.startsWith('own')) return;
    if (access === 'own-keys') {
      const { status, json } = await ask(route, 'bob');
      expect([status, json.code]).toEqual([404, 'key_not_found']);
      const other = `key_${'0'.repeat(24)}`;
      const none = await ask(route.replace(':keyId', other), 'bob');
      expect(none.json.message.replace(other, keyId)).toBe(json.message);
      return;
    }
    const { status, json } = await ask(route, 'other');
    expect(status).toBe(404);
    expect(json.code).toBe('swarm_not_found');
    const content = BODIES[route];
    const body = content === undefined ? {} : { body: content };
    const none = await ask(route.replace(':id', 'swarm_abc_000000000'), 'other', body);
    expect(none.json.message.replace('swarm_abc_000000000', swarmId)).toBe(json.message);
  });

  test('who may', async () => {
    // Refused for other reasons: no body, no upgrade, a swarm that has ended.
    const refusals: Record<string, number> = {
      'POST /api/swarm/create': 400,
      'GET /ws': 426,
      'POST /api/keys': 400,
      'POST /api/swarm/:id/start': 409,
      'POST /api/swarm/:id/pause': 409,
      'POST /api/swarm/:id/resume': 409,
      'POST /api/swarm/:id/agents': 409,
      'POST /api/swarm/:id/tasks': 409,
      'DELETE /api/swarm/:id/tasks/:taskId': 409,
      'POST /api/swarm/:id/tasks/:taskId/assign': 409,
      'POST /api/swarm/:id/tasks/:taskId/retry': 409,
      'POST /api/swarm/:id/stop': 409,
      'POST /api/swarm/:id/approvals/:approvalId': 404,
      'GET /api/swarm/:id/approvals/:approvalId': 404,
    };
    const reads = access === 'read' || access === 'own-read';
    const keys = access === 'keys' || access === 'own-keys';
    const users = ['alice', 'stored', 'admin'] as const;
    const those = keys ? (['manager'] as const) : access === 'system' ? (['admin'] as const) : users;
    for (const caller of [...those, ...(reads ? (['reader'] as const) : [])] as const) {
      const kept = swarmId;
      if (route === 'DELETE /api/swarm/:id') swarmId = await create();
      const { status } = await ask(route, caller);
      swarmId = kept;
      const expected = refusals[route];
      if (expected === undefined) expect([caller, status < 400]).toEqual([caller, true]);
      else expect([caller, status]).toEqual([caller, expected]);
    }
  });
});

test('the queue board, all of it, is the administrators’, and only shows', async () => {
  const board = routes().filter((route) => route.includes(` ${BOARD}`));
  expect(board.length).toBeGreaterThan(5);
  for (const route of board) {
    expect([route, (await ask(route, 'nobody')).status]).toEqual([route, 401]);
    expect([route, (await ask(route, 'alice')).status]).toEqual([route, 403]);
    if (!route.startsWith('GET')) expect([route, (await ask(route, 'admin')).status]).toEqual([route, 405]);
  }
  expect((await ask(`GET ${BOARD}`, 'nobody')).headers.get('www-authenticate')).toMatch(/^Basic /);
  const password = Buffer.from(`anyone:${KEYS.admin}`).toString('base64');
  const page = await server.call(BOARD, { headers: { authorization: `Basic ${password}` } });
  expect(page.text).toContain('Claude-Flow queues');
  const data = await server.call(`${BOARD}/api/queues`, { key: KEYS.admin });
  expect(data.json.queues.map((queue: { name: string }) => queue.name)).toEqual([
    'plan',
    'task',
    'wake',
    'webhook',
  ]);
  expect(data.json.queues.every((queue: { readOnlyMode: boolean }) => queue.readOnlyMode)).toBe(true);
});

test('what is not yours does not exist on a stream either', async () => {
  const asEvents = { accept: 'text/event-stream' };
  const events = `/api/swarm/${swarmId}/events`;
  expect((await server.call(events, { headers: { ...callers.other, ...asEvents } })).status).toBe(404);
  expect((await server.call(events, { headers: { ...callers.stored, ...asEvents } })).status).toBe(200);
  const socket = await openSocket(server.api.url, { headers: callers.other });
  socket.send({ type: 'subscribe', swarmId });
  socket.send({ type: 'subscribe', swarmId: 'swarm_abc_000000000' });
  const answers = await Promise.all(
    [swarmId, 'swarm_abc_000000000'].map((id) => socket.frame((frame) => frame.swarmId === id, 'a refusal')),
  );
  const [refused, none] = answers.map((frame) => ({ ...frame, swarmId: '', message: '' }));
  expect(refused).toMatchObject({ type: 'error', code: 'swarm_not_found' });
  expect(none).toEqual(refused);
  await socket.close();
  const refusals = ['nobody', 'stranger', 'unstored', 'expired', 'forged'] as const;
  for (const caller of refusals) {
    await expect(openSocket(server.api.url, { headers: callers[caller] })).rejects.toThrow('refused: 401');
  }
  await expect(openSocket(server.api.url, { headers: callers.rightless })).rejects.toThrow('refused: 403');
});

test('what an administrator deletes is gone for its owner too, and a late retry does not bring it back', async () => {
  const headers = { 'idempotency-key': 'deleted by an administrator' };
  const body = { objective: 'Something that is in the way' };
  const create = () => server.post('/api/swarm/create', body, { key: KEYS.user, headers });
  const { json } = await create();
  const path = `/api/swarm/${json.swarmId}`;
  const remove = (key: string) => server.call(path, { method: 'DELETE', key });
  expect((await remove(KEYS.admin)).status).toBe(200);
  expect((await create()).json.swarmId).toBe(json.swarmId);
  expect((await server.call(path, { key: KEYS.user })).status).toBe(404);
  expect([(await remove(KEYS.user)).status, (await remove(KEYS.admin)).status]).toEqual([200, 200]);
  expect((await remove(KEYS.other)).status).toBe(404);
});

test('the board asks no other host for anything', async () => {
  const page = await server.call(BOARD, { headers: callers.admin });
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const asked = [...page.text.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.filter((address) => /^(https?:)?\/\//.test(address))).toEqual([]);
  const scripts = asked.filter((address) => /^static\/.*\.(js|css)$/.test(address));
  expect(scripts.length).toBeGreaterThan(2);
  for (const address of scripts) {
    expect((await server.call(`${BOARD}/${address}`, { headers: callers.admin })).status).toBe(200);
  }
});

test('a password opens nothing but the board', async () => {
  const password = Buffer.from(`anyone:${KEYS.admin}`).toString('base64');
  const answer = await server.call('/api/swarms', { headers: { authorization: `Basic ${password}` } });
  expect(answer.status).toBe(401);
});

test('each key is an owner of its own, by either header', async () => {
  const { json } = await server.post(
    '/api/swarm/create',
    { objective: OBJECTIVE },
    { headers: { authorization: `bearer ${KEYS.user}` } },
  );
  expect((await server.call(`/api/swarm/${json.swarmId}`, { key: KEYS.user })).status).toBe(200);
  expect((await server.call(`/api/swarm/${json.swarmId}`, { key: KEYS.other })).status).toBe(404);
  expect((await server.call('/api/swarms', { key: KEYS.user })).json.count).toBe(1);
  expect((await server.call('/api/swarms', { key: KEYS.other })).json.count).toBe(0);
});

/** A token of HS256 with any payload at all. */
function signed(payload: string): string {
  const head = `${btoa('{"alg":"HS256"}')}.${btoa(payload)}`.replaceAll('=', '');
  return `${head}.${createHmac('sha256', SECRET).update(head).digest('base64url')}`;
}

test('a token without exp, without sub, or not of HS256 is none', async () => {
  const key = new TextEncoder().encode(SECRET);
  const tokens = [
    await new SignJWT({ sub: 'alice' }).setProtectedHeader({ alg: 'HS256' }).sign(key),
    await token({}),
    await token({ sub: '' }),
    await new SignJWT({ sub: 'alice' })
      .setProtectedHeader({ alg: 'HS512' })
      .setExpirationTime('5m')
      .sign(Buffer.concat([key, key])),
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6OTk5OTk5OTk5OX0.',
    signed('{"sub":"alice","exp":1e999}'),
    signed('{"sub":"ali\\u0000ce","exp":4102444800}'),
    signed('{"sub":"\\ud800","exp":4102444800}'),
    signed(`{"sub":"${'a'.repeat(257)}","exp":4102444800}`),
  ];
  const fine = signed('{"sub":"alice","exp":4102444800}');
  const { status } = await server.call('/api/swarms', { headers: { authorization: `Bearer ${fine}` } });
  expect(status).toBe(200);
  for (const bad of tokens) {
    expect((await server.call('/api/swarms', { headers: { authorization: `Bearer ${bad}` } })).status).toBe(
      401,
    );
  }
});

test.each([
  'Bearer',
  'Bearer ',
  `Bearer ${'a'.repeat(8_000)}`,
  'Bearer a.b.c',
  'Bearer ..',
  `Bearer ${btoa('{"alg":"HS256","crit":["x"],"x":1}')}.${btoa('{}')}.`,
  `Bearer ${btoa('{"alg":["HS256"]}')}.${btoa('[]')}.x`,
  `Bearer ${btoa('null')}.${btoa('null')}.x`,
  `Bearer cf_${'0'.repeat(64)}.x`,
  'Basic !!!!',
  'Basic',
  'Digest username="admin"',
  '\u00e9\u00e8',
])('no answer but 401 to %j', async (authorization) => {
  const answer = await server.call('/api/swarms', { headers: { authorization } });
  expect([answer.status, answer.json.code]).toEqual([401, 'authentication_required']);
  expect((await server.call(BOARD, { headers: { authorization } })).status).toBe(401);
});

describe('without authentication', () => {
  test('everybody is one owner, and this machine may see the queues', async () => {
    const open = await startTestApi(redis, { REDIS_PREFIX: `${redis.prefix}-open` });
    try {
      const { json } = await open.post('/api/swarm/create', { objective: OBJECTIVE });
      expect((await open.call(`/api/swarm/${json.swarmId}`, { key: 'any' })).status).toBe(200);
      expect((await open.call(BOARD)).status).toBe(200);
    } finally {
      await open.api.close();
    }
  });

  test('on a public address the queues need the admin key', async () => {
    const env = { HOST: '0.0.0.0', ADMIN_API_KEYS: KEYS.admin };
    const open = await startTestApi(redis, env);
    try {
      const { status, headers } = await open.call(BOARD);
      expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Basic /)]);
      expect((await open.call(BOARD, { key: KEYS.admin })).status).toBe(200);
    } finally {
      await open.api.close();
    }
    const keyless = await startTestApi(redis, { HOST: '0.0.0.0' });
    try {
      const { json } = await keyless.call(BOARD);
      expect(json).toMatchObject({ status: 403, message: expect.stringContaining('ADMIN_API_KEYS') });
    } finally {
      await keyless.api.close();
    }
  });
});
