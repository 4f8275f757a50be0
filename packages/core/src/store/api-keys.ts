import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type ApiKeyId, isApiKeyId } from '../domain/ids.ts';
import type { PlainCommand } from '../redis/scripts.ts';
import { type Ledger, write } from './ledger.ts';

/** A stored API key, without the key itself, which nobody can read again. Times are milliseconds since 1970. */
export interface ApiKeyRecord {
  id: ApiKeyId;
  name: string;
  /** Whose swarms it reaches. */
  owner: string;
  /** It sees everybody's swarms and keys. */
  admin: boolean;
  permissions: string[];
  createdAt: number;
  /** Who made it: the id of a stored key, the owner of a token, or `environment`, `command`, `local`. Unknown of old keys. */
  createdBy?: string;
  /** The stored keys that it comes from, its maker first. Without one of them it is no key any more. */
  ancestors: readonly ApiKeyId[];
  expiresAt?: number;
  lastUsedAt?: number;
  useCount: number;
}

export type NewApiKey = Pick<ApiKeyRecord, 'name' | 'owner' | 'admin' | 'permissions' | 'createdAt'> & {
  createdBy: string;
  ancestors?: readonly ApiKeyId[] | undefined;
  expiresAt?: number | undefined;
};

/** 256 random bits: too many to guess, so that one round of SHA-256 keeps them safe. */
const SECRET_BYTES = 32;
const SECRET_PATTERN = /^cf_[0-9a-f]{64}$/;
/** A key that has expired is still listed for this long, so that its owner sees why it no longer works. */
const EXPIRED_SHOWN_MS = 30 * 24 * 3_600_000;
/** An entry of an index without its key is of a creation that did not end, unless it is younger than this. */
const CREATION_MS = 60_000;

const ID_BYTES = 12;

const digestOf = (secret: string) => createHash('sha256').update(secret).digest();
const randomId = (): ApiKeyId => `key_${randomBytes(ID_BYTES).toString('hex')}`;

/** Makes a key. The secret is answered here and never again. */
export async function createApiKey(
  ledger: Ledger,
  wish: NewApiKey,
): Promise<{ secret: string; record: ApiKeyRecord }> {
  const { keys } = ledger;
  const secret = `cf_${randomBytes(SECRET_BYTES).toString('hex')}`;
  const digest = digestOf(secret);
  const id = randomId();
  const { name, owner, admin, permissions, createdAt, createdBy, ancestors = [], expiresAt } = wish;
  // The indexes first: what a crash leaves then is an entry without a key, which lists pass over.
  await write(ledger, keys.apiKeys, ['ZADD', createdAt, id]);
  await write(ledger, keys.ownerApiKeys(owner), ['ZADD', createdAt, id]);
  const ends: PlainCommand[] = expiresAt === undefined ? [] : [['PEXPIREAT', expiresAt + EXPIRED_SHOWN_MS]];
  await write(ledger, keys.apiKeyOf(digest.toString('hex')), ['SET', id], ...ends);
  const stored = {
    digest: digest.toString('hex'),
    name,
    owner,
    admin: admin ? 1 : 0,
    permissions: permissions.join(' '),
    createdAt,
    createdBy,
    ancestors: ancestors.join(' '),
    useCount: 0,
  };
  const fields = Object.entries(expiresAt === undefined ? stored : { ...stored, expiresAt }).flat();
  await write(ledger, keys.apiKey(id), ['HSET', ...fields], ...ends);
  const record = { id, name, owner, admin, permissions, createdAt, createdBy, ancestors, useCount: 0 };
  return { secret, record: expiresAt === undefined ? record : { ...record, expiresAt } };
}

/** Has the text the form of a key? Nothing else is looked for in Redis. */
export function isApiKeySecret(text: string): boolean {
  return SECRET_PATTERN.test(text);
}

/**
 * The id of the key whose secret has this digest (SHA-256, 64 hexadecimal digits). Keys of earlier releases have an id that is the
 * beginning of their digest.
 * @returns undefined when there is none
 */
export async function apiKeyIdOf(ledger: Ledger, digest: string): Promise<ApiKeyId | undefined> {
  const { redis, keys } = ledger;
  const id = await redis.get(keys.apiKeyOf(digest));
  if (id !== null) return isApiKeyId(id) ? id : undefined;
  const oldId = `key_${digest.slice(0, 2 * ID_BYTES)}`;
  return isApiKeyId(oldId) && (await redis.exists(keys.apiKey(oldId))) === 1 ? oldId : undefined;
}

/** A record with what proves a secret to be its own. */
export interface ProvableApiKey {
  record: ApiKeyRecord;
  /** Takes the same time for every secret. */
  isKeyOf(secret: string): boolean;
}

/**
 * @returns undefined when there is none, or no longer, or one of its ancestors is gone: to revoke a key is to revoke all that it
 *   made, in one step, also what is just being made with it. One that has expired may still be there.
 */
export async function readApiKey(ledger: Ledger, id: ApiKeyId): Promise<ProvableApiKey | undefined> {
  const { redis, keys } = ledger;
  const fields = await redis.hgetall(keys.apiKey(id));
  const { digest } = fields;
  if (digest === undefined) return undefined;
  const known = Buffer.from(digest, 'hex');
  const there = await Promise.all(ancestorsIn(fields).map((ancestor) => redis.exists(keys.apiKey(ancestor))));
  if (there.includes(0)) return undefined;
  return { record: parse(id, fields), isKeyOf: (secret) => timingSafeEqual(digestOf(secret), known) };
}

function ancestorsIn(fields: Record<string, string>): ApiKeyId[] {
  return (fields['ancestors'] ?? '').split(' ').filter(isApiKeyId);
}

function parse(id: ApiKeyId, fields: Record<string, string>): ApiKeyRecord {
  const { createdBy, expiresAt, lastUsedAt } = fields;
  return {
    id,
    name: fields['name'] ?? '',
    owner: fields['owner'] ?? '',
    admin: fields['admin'] === '1',
    permissions: (fields['permissions'] ?? '').split(' ').filter((permission) => permission !== ''),
    createdAt: Number(fields['createdAt']),
    ancestors: ancestorsIn(fields),
    useCount: Number(fields['useCount']),
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(expiresAt === undefined ? {} : { expiresAt: Number(expiresAt) }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: Number(lastUsedAt) }),
  };
}

/**
 * Revokes a key, and with it all keys that come from it: from the one step that removes its record on they are keys no more (see
 * `readApiKey`), also those that are just being made with it. All processes are told; who misses it notices when they next look.
 * @returns false when somebody else has just done so
 */
export async function revokeApiKey(ledger: Ledger, record: ApiKeyRecord): Promise<boolean> {
  const removed = await removeRecord(ledger, record);
  const { redis, keys } = ledger;
  // Only an administrator's key makes keys for other owners.
  const index = record.admin ? keys.apiKeys : keys.ownerApiKeys(record.owner);
  for (const id of await redis.zrange(index, '0', '-1')) {
    const fields = isApiKeyId(id) ? await redis.hgetall(keys.apiKey(id)) : {};
    if (ancestorsIn(fields).includes(record.id)) await removeRecord(ledger, parse(id, fields));
  }
  return removed;
}

async function removeRecord(ledger: Ledger, { id, owner }: ApiKeyRecord): Promise<boolean> {
  const { redis, keys } = ledger;
  const digest = await redis.hget(keys.apiKey(id), 'digest');
  const removed = await write(ledger, keys.apiKey(id), ['DEL']);
  if (digest !== null) await write(ledger, keys.apiKeyOf(digest), ['DEL']);
  await write(ledger, keys.ownerApiKeys(owner), ['ZREM', id]);
  await write(ledger, keys.apiKeys, ['ZREM', id]);
  await write(ledger, keys.apiKeysRevokedChannel, ['PUBLISH', id]);
  return removed === 1;
}

/** KEYS: the key. ARGV: uses, when last. A key that was revoked meanwhile must not come back as a mere count. */
const ADD_USE = `if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'useCount', ARGV[1])
local last = tonumber(redis.call('HGET', KEYS[1], 'lastUsedAt') or '0')
if tonumber(ARGV[2]) > last then redis.call('HSET', KEYS[1], 'lastUsedAt', ARGV[2]) end
return 1`;

/** Writes down some uses at once. Sent twice after a broken connection they count twice: a figure, not a bill. */
export async function addApiKeyUse(
  ledger: Ledger,
  id: ApiKeyId,
  use: { count: number; lastUsedAt: number },
): Promise<void> {
  await ledger.redis.eval(ADD_USE, 1, ledger.keys.apiKey(id), use.count, use.lastUsedAt);
}

/**
 * One page of keys, newest first.
 * @param owner undefined: everybody's
 * @param page.after id of the last key seen
 * @returns undefined when there is no such key any more
 */
export async function listApiKeys(
  ledger: Ledger,
  owner: string | undefined,
  page: { limit: number; after?: ApiKeyId | undefined; now: number },
): Promise<{ records: ApiKeyRecord[]; more: boolean } | undefined> {
  const { redis, keys } = ledger;
  const index = owner === undefined ? keys.apiKeys : keys.ownerApiKeys(owner);
  const rank = page.after === undefined ? -1 : await redis.zrevrank(index, page.after);
  if (rank === null) return undefined;
  const records: ApiKeyRecord[] = [];
  for (let offset = rank + 1; records.length <= page.limit; ) {
    const wanted = page.limit + 1 - records.length;
    const entries = await redis.zrange(
      index,
      String(offset),
      String(offset + wanted - 1),
      'REV',
      'WITHSCORES',
    );
    const ids = entries.filter((_entry, place) => place % 2 === 0);
    const found = await Promise.all(ids.map((id) => readApiKey(ledger, id)));
    records.push(...found.filter((key) => key !== undefined).map(({ record }) => record));
    const gone = ids.filter(
      (_id, place) => found[place] === undefined && Number(entries[place * 2 + 1]) < page.now - CREATION_MS,
    );
    if (gone.length > 0) await write(ledger, index, ['ZREM', ...gone]);
    offset += ids.length - gone.length;
    if (ids.length < wanted) break;
  }
  return { records: records.slice(0, page.limit), more: records.length > page.limit };
}

/** @param owner undefined: everybody's */
export function countApiKeys(ledger: Ledger, owner?: string): Promise<number> {
  return ledger.redis.zcard(owner === undefined ? ledger.keys.apiKeys : ledger.keys.ownerApiKeys(owner));
}
