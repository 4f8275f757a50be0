import { createHash } from 'node:crypto';
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
const ENV = {
  HOST: '127.0.0.1',
  AUTH_ENABLED: 'true',
  API_KEYS: USER,
  ADMIN_API_KEY: ` ${ADMIN} `,
  JWT_SECRET: SECRET,
  RATE_LIMIT_MAX: '100000',
  RATE_LIMIT_FAILED_AUTH: '100000',
};
beforeAll(async () => {
  redis = await startTestRedis();
  [one, two] = [await startTestApi(redis, ENV), await startTestApi(redis, ENV)];
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
    expect(chief.data.permissions).toEqual([
      'swarms:read',
      'swarms:write',
      'keys:manage',
      'queues:admin',
      'system:read',
    ]);
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

describe('who made a key', () => {
  test('a key that is made with a token ends with it, unless the server allows more', async () => {
    const soon = {
      headers: await tokenOf({ sub: 'eve', permissions: ['keys:manage', 'swarms:read'] }, '3s'),
    };
    const { json } = await make({ permissions: ['swarms:read'] }, soon);
    expect(json.data).toMatchObject({ createdBy: 'jwt:eve' });
    const limit = Date.now() + 3_000 + 5_000;
    expect(Date.parse(json.data.expiresAt)).toBeLessThanOrEqual(limit);
    const forever = await make({ permissions: ['swarms:read'], expiresInDays: 3_000 }, soon);
    expect([forever.status, forever.json.code]).toEqual([403, 'permission_denied']);
    expect(forever.json.message).toContain('no later than the token');

    const bounded = await startTestApi(redis, { ...ENV, KEY_MAX_DAYS: '30' });
    try {
      const made = (wish: object, by: object) => bounded.post('/api/keys', { name: 'x', ...wish }, by);
      const lives = async (wish: object, by: object) => {
        const { data } = (await made(wish, by)).json;
        return Math.round((Date.parse(data.expiresAt) - Date.parse(data.createdAt)) / 3_600_000);
      };
      expect(await lives({}, { key: ADMIN })).toBe(30 * 24);
      expect(await lives({ permissions: ['swarms:read'] }, soon)).toBe(30 * 24);
      expect(await lives({ permissions: ['swarms:read'], expiresInDays: 2 }, soon)).toBe(48);
      const longer = await made({ expiresInDays: 31 }, { key: ADMIN });
      expect([longer.status, longer.json.message]).toEqual([403, expect.stringContaining('KEY_MAX_DAYS')]);
    } finally {
      await bounded.api.close();
    }
  });

  test('a lesser key does not revoke a greater one; each may end itself', async () => {
    const owner = 'team-l';
    const lesser = (await make({ owner, permissions: ['keys:manage'] })).json;
    const greater = (await make({ owner, permissions: ['keys:manage', 'swarms:write'] })).json;
    const chief = (await make({ owner, admin: true })).json;
    const revoke = (keyId: string, key: string) => one.call(`/api/keys/${keyId}`, { method: 'DELETE', key });
    for (const { keyId } of [greater, chief]) {
      const answer = await revoke(keyId, lesser.key);
      expect([answer.status, answer.json.code]).toEqual([403, 'permission_denied']);
    }
    expect(await statusOn(two, chief.key)).toBe(200);
    expect((await revoke(lesser.keyId, greater.key)).status).toBe(200);
    expect((await revoke(greater.keyId, greater.key)).status).toBe(200);
  });

  test('what a key made goes with it, on every server, with its sockets', async () => {
    const owner = 'team-c';
    const parent = (await make({ owner, permissions: ['keys:manage', 'swarms:read'] })).json;
    const child = (await make({ permissions: ['keys:manage', 'swarms:read'] }, { key: parent.key })).json;
    const grandchild = (await make({ permissions: ['swarms:read'] }, { key: child.key })).json;
    expect(child.data.createdBy).toBe(parent.keyId);
    const socket = await openSocket(two.api.url, { headers: { 'x-api-key': grandchild.key } });
    expect(await statusOn(two, grandchild.key)).toBe(200);
    await one.call(`/api/keys/${parent.keyId}`, { method: 'DELETE', key: ADMIN });
    expect((await socket.closed()).code).toBe(4401);
    for (const { key } of [parent, child, grandchild]) {
      await waitFor(async () => (await statusOn(two, key)) === 401, {
        deadlineMs: REVOKED_DEADLINE_MS,
        what: 'the keys to be refused',
      });
    }
    const { keys } = (await one.call('/api/keys?limit=200', { key: ADMIN })).json;
    expect(keys.filter((entry: { owner: string }) => entry.owner === owner)).toEqual([]);
  });

  test('nothing of a key’s digest is shown', async () => {
    const { key, keyId } = (await make({ owner: 'team-d' })).json;
    const digest = createHash('sha256').update(key).digest('hex');
    expect(digest).not.toContain(keyId.slice(4, 12));
    const listed = (await one.call('/api/keys?limit=200', { key: ADMIN })).text;
    for (let place = 0; place + 12 <= digest.length; place += 4)
      expect(listed).not.toContain(digest.slice(place, place + 12));
  });

  test('the figures of the system need a permission of their own', async () => {
    const scraper = (await make({ owner: 'prometheus', permissions: ['system:read'] })).json.key;
    for (const path of ['/metrics', '/api/system/stats']) {
      expect((await one.call(path, { key: USER })).json.code).toBe('permission_denied');
      expect((await one.call(path, { headers: { authorization: `Bearer ${scraper}` } })).status).toBe(200);
      expect((await one.call(path, { key: ADMIN })).status).toBe(200);
    }
    expect((await one.call('/api/swarms', { key: scraper })).status).toBe(403);
    // Made before there was such a permission.
    const board = (await make({ permissions: ['queues:admin'] })).json.key;
    expect((await one.call('/metrics', { key: board })).status).toBe(200);
  });
});
