import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openLedger } from '../../test/ledger-fixture.ts';
import {
  addApiKeyUse,
  apiKeyIdOf,
  countApiKeys,
  createApiKey,
  listApiKeys,
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
const make = (wish: { name?: string; owner?: string; createdAt?: number; expiresAt?: number } = {}) =>
  createApiKey(ledger, {
    name: 'a key',
    owner: 'alice',
    admin: false,
    permissions: ['swarms:read', 'keys:manage'],
    createdAt: NOW,
    ...wish,
  });
const everyValue = async () => {
  const keys = await ledger.redis.keys(`${ledger.keys.prefix}:*`);
  const values = await Promise.all(
    keys.map(async (key) =>
      (await ledger.redis.type(key)) === 'hash'
        ? ledger.redis.hgetall(key)
        : ledger.redis.zrange(key, '0', '-1'),
    ),
  );
  return JSON.stringify([keys, values]);
};

test('a key is found by itself, proves itself, and is nowhere in Redis', async () => {
  const { secret, record } = await make();
  expect(secret).toMatch(/^cf_[0-9a-f]{64}$/);
  expect(apiKeyIdOf(secret)).toBe(record.id);
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
])('"%s" is no key', (text) => expect(apiKeyIdOf(text)).toBeUndefined());

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
