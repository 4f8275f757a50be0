import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { openEventStream } from './event-stream.ts';
import { openSocket } from './socket-client.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

const ADMIN = 'admin-key-00000000003';
const USER = 'user-key-000000000001';
const SECRET = 'a secret of at least thirty-two bytes';
/** The promise: a revocation is seen everywhere within this. A shared machine may take its time. */
const REVOKED_DEADLINE_MS = 5_000;

let redis: TestRedis;
/** Two servers on one Redis. */
let one: TestApi;
let two: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  const env = {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    API_KEYS: USER,
    ADMIN_API_KEY: ` ${ADMIN} `,
    JWT_SECRET: SECRET,
    RATE_LIMIT_MAX: '100000',
    RATE_LIMIT_FAILED_AUTH: '100000',
  };
  [one, two] = [await startTestApi(redis, env), await startTestApi(redis, env)];
});
afterAll(async () => {
  await one?.api.close();
  await two?.api.close();
  await redis?.stop();
});

const tokenOf = async (claims: object, expires = '5m') => {
  const token = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(SECRET));
  return { authorization: `Bearer ${token}` };
};
const make = async (
  wish: object = {},
  by: { key?: string; headers?: Record<string, string> } = { key: ADMIN },
) => one.post('/api/keys', { name: 'test', ...wish }, by);
const statusOn = async (server: TestApi, key: string) => (await server.call('/api/swarms', { key })).status;

describe('making', () => {
  test('the answer holds the key, once; it works on every server, in either header', async () => {
    const { status, json, headers } = await make({ owner: 'team-a', expiresInDays: 1 });
    expect(status).toBe(201);
    expect(json.key).toMatch(/^cf_[0-9a-f]{64}$/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(json.data).toMatchObject({
      keyId: json.keyId,
      name: 'test',
      owner: 'team-a',
      permissions: ['swarms:read', 'swarms:write'],
      admin: false,
      lastUsedAt: null,
      useCount: 0,
    });
    expect(Date.parse(json.data.expiresAt) - Date.parse(json.data.createdAt)).toBe(24 * 3_600_000);
    expect(await statusOn(two, json.key)).toBe(200);
    const bearer = { authorization: `Bearer ${json.key}` };
    expect((await one.call('/api/swarms', { headers: bearer })).status).toBe(200);
    const { swarmId } = (await one.post('/api/swarm/create', { objective: OBJECTIVE }, { key: json.key }))
      .json;
    const same = (await make({ owner: 'team-a' })).json.key;
    const another = (await make({ owner: 'team-b' })).json.key;
    expect((await two.call(`/api/swarm/${swarmId}`, { key: same })).status).toBe(200);
    expect((await two.call(`/api/swarm/${swarmId}`, { key: another })).status).toBe(404);
    expect((await two.call(`/api/swarm/${swarmId}`, { key: USER })).status).toBe(404);
    const listed = await two.call('/api/keys?limit=200', { key: ADMIN });
    expect(listed.text).not.toContain(json.key.slice(3, 20));
  });

  test('a key that differs in its last character is none', async () => {
    const { key } = (await make()).json;
    const last = key.endsWith('0') ? '1' : '0';
    expect(await statusOn(one, `${key.slice(0, -1)}${last}`)).toBe(401);
    expect(await statusOn(one, key.toUpperCase())).toBe(401);
    expect(await statusOn(one, `${key} `)).toBe(200);
  });

  test('permissions hold, and nobody gives more than he has', async () => {
    const reader = (await make({ permissions: ['swarms:read'] })).json.key;
    expect((await one.post('/api/swarm/create', { objective: OBJECTIVE }, { key: reader })).status).toBe(403);
    expect(await statusOn(one, reader)).toBe(200);

    const manager = { headers: await tokenOf({ sub: 'carol', permissions: ['keys:manage', 'swarms:read'] }) };
    const own = await make({}, manager);
    expect(own.json.data).toMatchObject({ owner: 'jwt:carol', permissions: ['swarms:read'] });
    for (const wish of [
      { permissions: ['swarms:write'] },
      { permissions: ['swarms:read', 'queues:admin'] },
      { owner: 'jwt:alice' },
      { admin: true },
    ]) {
      const answer = await make(wish, manager);
      expect([wish, answer.status, answer.json.code]).toEqual([wish, 403, 'permission_denied']);
    }
    const shortLived = (await make({ permissions: ['keys:manage'], expiresInDays: 1 })).json;
    const heir = await make({ permissions: ['keys:manage'] }, { key: shortLived.key });
    expect(heir.json.data.expiresAt).toBe(shortLived.data.expiresAt);
    const longer = await make({ permissions: ['keys:manage'], expiresInDays: 2 }, { key: shortLived.key });
    expect(longer.status).toBe(403);
  });

  test('an administrator’s key sees everything; its board too', async () => {
    const chief = (await make({ name: 'chief', admin: true })).json;
    expect(chief.data.permissions).toEqual(['swarms:read', 'swarms:write', 'keys:manage', 'queues:admin']);
    const { swarmId } = (await one.post('/api/swarm/create', { objective: OBJECTIVE }, { key: USER })).json;
    expect((await two.call(`/api/swarm/${swarmId}`, { key: chief.key })).status).toBe(200);
    const password = Buffer.from(`anyone:${chief.key}`).toString('base64');
    const board = await two.call('/admin/queues', { headers: { authorization: `Basic ${password}` } });
    expect(board.status).toBe(200);
    expect((await make({ admin: true }, { key: chief.key })).status).toBe(201);
  });

  test('faults are listed all at once', async () => {
    const { status, json } = await make({ name: '', permissions: ['fly'], expiresInDays: -1, owner: 7 });
    expect(status).toBe(400);
    const fields = json.details.map(({ field }: { field: string }) => field);
    expect(fields.sort()).toEqual(['expiresInDays', 'name', 'owner', 'permissions.0']);
  });
});

test('lists: one’s own, an administrator’s everybody’s, page by page', async () => {
  const dora = { headers: await tokenOf({ sub: 'dora', permissions: ['keys:manage'] }) };
  const made: string[] = [];
  for (let place = 0; place < 5; place += 1) {
    made.push((await make({ permissions: ['keys:manage'] }, dora)).json.keyId);
  }
  const seen: string[] = [];
  let cursor = '';
  do {
    const { json } = await two.call(`/api/keys?limit=2${cursor}`, dora);
    seen.push(...json.keys.map((key: { keyId: string }) => key.keyId));
    cursor = json.nextCursor === null ? '' : `&cursor=${json.nextCursor}`;
  } while (cursor !== '');
  expect(seen.sort()).toEqual(made.sort());
  const all = (await two.call('/api/keys?limit=200', { key: ADMIN })).json.keys;
  expect(all.length).toBeGreaterThan(5);
  for (const bad of ['x', Buffer.from('key_x').toString('base64url')]) {
    expect((await two.call(`/api/keys?cursor=${bad}`, dora)).status).toBe(400);
  }
});

describe('revoking', () => {
  test('is seen on every server, and ends what the key has open there', async () => {
    const { key, keyId } = (await make({ owner: 'team-r' })).json;
    const kept = (await make({ owner: 'team-r' })).json.key;
    const { swarmId } = (await one.post('/api/swarm/create', { objective: OBJECTIVE }, { key })).json;
    const socket = await openSocket(two.api.url, { headers: { 'x-api-key': key } });
    const byTicket = (await two.post('/api/ws-ticket', undefined, { key })).json.ticket;
    const unused = (await two.post('/api/ws-ticket', undefined, { key })).json.ticket;
    const ticketed = await openSocket(two.api.url, { query: `?ticket=${byTicket}` });
    const other = await openSocket(two.api.url, { headers: { 'x-api-key': kept } });
    const stream = await openEventStream(two.api.url, swarmId, { key });
    expect(await statusOn(two, key)).toBe(200);

    const answer = await one.call(`/api/keys/${keyId}`, { method: 'DELETE', key: ADMIN });
    expect([answer.status, answer.json.status]).toEqual([200, 'revoked']);
    await waitFor(async () => (await statusOn(two, key)) === 401 && (await statusOn(one, key)) === 401, {
      deadlineMs: REVOKED_DEADLINE_MS,
      what: 'the revoked key to be refused everywhere',
    });
    expect((await socket.closed()).code).toBe(4401);
    expect((await ticketed.closed()).code).toBe(4401);
    await stream.ended();
    await expect(openSocket(two.api.url, { query: `?ticket=${unused}` })).rejects.toThrow('refused: 401');
    expect(other.socket.readyState).toBe(other.socket.OPEN);
    await other.close();
    expect((await one.call(`/api/keys/${keyId}`, { method: 'DELETE', key: ADMIN })).status).toBe(404);
    expect((await one.call('/api/keys/..%2f', { method: 'DELETE', key: ADMIN })).status).toBe(404);
  });

  test('is seen also when its message gets lost', async () => {
    const { key, keyId } = (await make({ owner: 'team-l' })).json;
    const socket = await openSocket(two.api.url, { headers: { 'x-api-key': key } });
    expect(await statusOn(two, key)).toBe(200);
    const ledger = await openLedger(redis);
    await ledger.redis.del(ledger.keys.apiKey(keyId));
    ledger.redis.disconnect();
    await waitFor(async () => (await statusOn(two, key)) === 401, {
      deadlineMs: REVOKED_DEADLINE_MS,
      what: 'the key to be refused without a message',
    });
    expect((await socket.closed()).code).toBe(4401);
  });
});

test('use is counted over all servers, and shown', async () => {
  const { key, keyId } = (await make({ owner: 'team-u' })).json;
  for (const server of [one, two, one, two, one]) expect(await statusOn(server, key)).toBe(200);
  const shown = async () => {
    const { keys } = (await one.call('/api/keys?limit=200', { key: ADMIN })).json;
    return keys.find((entry: { keyId: string }) => entry.keyId === keyId);
  };
  const seen = await waitFor(async () => ((await shown()).useCount === 5 ? shown() : undefined), {
    deadlineMs: 10_000,
    what: 'five uses to be written down',
  });
  expect(Date.parse(seen.lastUsedAt)).toBeGreaterThanOrEqual(Date.parse(seen.createdAt));
});

test('an expired key is refused, and its socket ends; so does that of an expired token', async () => {
  const { key } = (await make({ expiresInDays: 3 / 86_400 })).json;
  const socket = await openSocket(one.api.url, { headers: { 'x-api-key': key } });
  expect((await socket.closed()).code).toBe(4401);
  expect(await statusOn(one, key)).toBe(401);
  // The clock tolerance of tokens is five seconds.
  const token = await tokenOf({ sub: 'alice' }, '-1s');
  const byToken = await openSocket(one.api.url, { headers: token });
  expect((await byToken.closed()).code).toBe(4401);
});

test('a key lies in Redis only as its digest', async () => {
  const { key } = (await make({ owner: 'planted' })).json;
  await statusOn(one, key);
  const ledger = await openLedger(redis);
  const secret = key.slice(3, 30);
  for (const name of await ledger.redis.keys('*')) {
    expect(name).not.toContain(secret);
    const dump = await ledger.redis.dumpBuffer(name);
    expect(dump?.includes(secret) ?? false).toBe(false);
  }
  ledger.redis.disconnect();
});
