import { createHash } from 'node:crypto';
import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openLedger } from '../../test/ledger-fixture.ts';
import {
  type ApiKeyRecord,
  addApiKeyUse,
  apiKeyIdOf,
  countApiKeys,
  createApiKey,
  isApiKeySecret,
  listApiKeys,
  type NewApiKey,
  readApiKey,
  revokeApiKey,
} from './api-keys.ts';
import type { Ledger } from './ledger.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  const connected = await openLedger(redis.url, `${redis.prefix}-${Math.random().toString(36).slice(2)}`);
  ledger = connected;
  return () => connected.redis.disconnect();
});

const NOW = 1_900_000_000_000;
const digestOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
const make = (wish: Partial<NewApiKey> = {}) =>
  createApiKey(ledger, {
    name: 'a key',
    owner: 'alice',
    admin: false,
    permissions: ['swarms:read', 'keys:manage'],
    createdAt: NOW,
    createdBy: 'command',
    ...wish,
  });
const everyValue = async () => {
  const keys = await ledger.redis.keys(`${ledger.keys.prefix}:*`);
  const values = await Promise.all(
    keys.map(async (key) => {
      const kind = await ledger.redis.type(key);
      if (kind === 'string') return ledger.redis.get(key);
      return kind === 'hash' ? ledger.redis.hgetall(key) : ledger.redis.zrange(key, '0', '-1');
    }),
  );
  return JSON.stringify([keys, values]);
};

test('a key is found by itself, proves itself, and is nowhere in Redis', async () => {
  const { secret, record } = await make();
  expect(secret).toMatch(/^cf_[0-9a-f]{64}$/);
  expect(await apiKeyIdOf(ledger, digestOf(secret))).toBe(record.id);
  expect(digestOf(secret)).not.toContain(record.id.slice(4, 12));
  const found = await readApiKey(ledger, record.id);
  expect(found?.record).toEqual(record);
  expect(found?.isKeyOf(secret)).toBe(true);
  expect(found?.isKeyOf((await make()).secret)).toBe(false);
  expect(await everyValue()).not.toContain(secret.slice(3, 20));
});

test.each([
  '',
  'cf_',
  `cf_${'A'.repeat(64)}`,
  `cf_${'0'.repeat(63)}`,
  `x${'0'.repeat(64)}`,
  `cf_${'0'.repeat(65)}`,
])('"%s" is no key', (text) => expect(isApiKeySecret(text)).toBe(false));

test('an id of another form builds no key', () => {
  for (const id of ['key_x', '*', `key_${'0'.repeat(24)}:x`]) {
    expect(() => ledger.keys.apiKey(id)).toThrow(expect.objectContaining({ code: 'key_not_found' }));
  }
});

test('lists are newest first, by owner or all, in pages that nothing shifts', async () => {
  const made = [];
  for (let place = 0; place < 5; place += 1) made.push((await make({ createdAt: NOW + place })).record.id);
  const bobs = (await make({ owner: 'bob', createdAt: NOW + 9 })).record.id;
  const page = async (owner: string | undefined, limit: number, after?: string) => {
    const found = await listApiKeys(ledger, owner, { limit, after, now: NOW });
    return found && { ids: found.records.map(({ id }) => id), more: found.more };
  };
  const newest = made.toReversed();
  expect(await page('alice', 2)).toEqual({ ids: newest.slice(0, 2), more: true });
  const later = await make({ createdAt: NOW + 20 });
  expect(await page('alice', 2, newest[1])).toEqual({ ids: newest.slice(2, 4), more: true });
  expect(await page('alice', 2, newest[3])).toEqual({ ids: newest.slice(4), more: false });
  expect(await page(undefined, 10)).toEqual({ ids: [later.record.id, bobs, ...newest], more: false });
  expect(await page('alice', 2, bobs)).toBeUndefined();
  expect(await page('nobody', 2)).toEqual({ ids: [], more: false });
});

test('revoked: gone from everywhere, everybody is told, and a late count does not bring it back', async () => {
  const { record } = await make();
  const listener = await openLedger(redis.url, ledger.keys.prefix);
  const told = new Promise((resolve) => listener.redis.on('message', (_channel, id) => resolve(id)));
  await listener.redis.subscribe(ledger.keys.apiKeysRevokedChannel);
  const both = await Promise.all([revokeApiKey(ledger, record), revokeApiKey(ledger, record)]);
  expect(both.sort()).toEqual([false, true]);
  expect(await told).toBe(record.id);
  await addApiKeyUse(ledger, record.id, { count: 3, lastUsedAt: NOW });
  expect(await ledger.redis.keys(`${ledger.keys.prefix}:*`)).toEqual([]);
  listener.redis.disconnect();
});

test('uses of several processes add up; the latest time stays', async () => {
  const { record } = await make();
  await Promise.all([
    addApiKeyUse(ledger, record.id, { count: 3, lastUsedAt: NOW + 5 }),
    addApiKeyUse(ledger, record.id, { count: 4, lastUsedAt: NOW + 9 }),
  ]);
  await addApiKeyUse(ledger, record.id, { count: 1, lastUsedAt: NOW + 2 });
  expect((await readApiKey(ledger, record.id))?.record).toMatchObject({ useCount: 8, lastUsedAt: NOW + 9 });
});

test('an expired key stays to be seen for a while, then leaves without a trace', async () => {
  const { record } = await make({ createdAt: NOW, expiresAt: NOW + 1_000 });
  const shownMs = (await ledger.redis.pexpiretime(ledger.keys.apiKey(record.id))) - NOW;
  expect(shownMs).toBe(1_000 + 30 * 24 * 3_600_000);
  await ledger.redis.del(ledger.keys.apiKey(record.id));
  // One just being made has no record yet, and must keep its entry.
  await ledger.redis.zadd(ledger.keys.ownerApiKeys('alice'), NOW + 3_600_000, 'key_000000000000000000000000');
  const listed = await listApiKeys(ledger, 'alice', { limit: 10, now: NOW + 3_600_000 });
  expect(listed).toEqual({ records: [], more: false });
  expect(await ledger.redis.zrange(ledger.keys.ownerApiKeys('alice'), '0', '-1')).toEqual([
    'key_000000000000000000000000',
  ]);
  expect(await countApiKeys(ledger)).toBe(1);
});

const chain = async (...owners: string[]) => {
  const records: ApiKeyRecord[] = [];
  for (const owner of owners) {
    const [parent] = records.slice(-1);
    const ancestors = parent === undefined ? [] : [parent.id, ...parent.ancestors];
    const { record } = await make({ owner, ancestors, createdBy: parent?.id ?? 'command', admin: true });
    records.push(record);
  }
  return records;
};

test('a revoked key takes along what it made, and what that made, whosever it is; nothing of them stays', async () => {
  const [first, second, third, fourth] = await chain('root', 'alice', 'bob', 'bob');
  if (!first || !second || !third || !fourth) throw new Error('no keys');
  const { record: apart } = await make({ owner: 'alice' });
  expect(await revokeApiKey(ledger, second)).toBe(true);
  for (const { id } of [second, third, fourth]) expect(await readApiKey(ledger, id)).toBeUndefined();
  for (const { id } of [first, apart]) expect(await readApiKey(ledger, id)).toBeDefined();
  expect(await ledger.redis.zrange(ledger.keys.apiKeys, '0', '-1')).toHaveLength(2);
  expect(await ledger.redis.keys(`${ledger.keys.prefix}:api-key*`)).toHaveLength(5);
});

test('a key that is made while its maker is revoked never works, whichever comes first', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { record: parent } = await make();
    const [{ record }] = await Promise.all([
      make({ ancestors: [parent.id], createdBy: parent.id }),
      revokeApiKey(ledger, parent),
    ]);
    expect(await readApiKey(ledger, record.id)).toBeUndefined();
    const listed = await listApiKeys(ledger, 'alice', { limit: 10, now: NOW + 3_600_000 });
    expect(listed?.records).toEqual([]);
  }
});

test('a key of an earlier release is found by the id that it had', async () => {
  const secret = `cf_${'a1'.repeat(32)}`;
  const digest = digestOf(secret);
  const id = `key_${digest.slice(0, 24)}`;
  const { apiKey, ownerApiKeys, apiKeys } = ledger.keys;
  const old = {
    digest,
    name: 'old',
    owner: 'alice',
    admin: 0,
    permissions: 'swarms:read',
    createdAt: NOW,
    useCount: 3,
  };
  await ledger.redis.hset(apiKey(id), old);
  await ledger.redis.zadd(ownerApiKeys('alice'), NOW, id);
  await ledger.redis.zadd(apiKeys, NOW, id);
  expect(await apiKeyIdOf(ledger, digest)).toBe(id);
  const found = await readApiKey(ledger, id);
  expect(found?.isKeyOf(secret)).toBe(true);
  expect(found?.record).toMatchObject({ id, ancestors: [], permissions: ['swarms:read'] });
  if (found) await revokeApiKey(ledger, found.record);
  expect(await apiKeyIdOf(ledger, digest)).toBeUndefined();
});
