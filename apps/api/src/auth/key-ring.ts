import { createHash } from 'node:crypto';
import type { RedisClient } from '@claude-flow/core/redis/connect';
import {
  type ApiKeyRecord,
  addApiKeyUse,
  apiKeyIdOf,
  isApiKeySecret,
  type ProvableApiKey,
  readApiKey,
} from '@claude-flow/core/store/api-keys';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { isRight, type Principal } from './principal.ts';
import { createShortMemory } from './short-memory.ts';

/** A revocation whose message is missed is noticed after this; with the standing check it is seen within 5 s. */
export const KEY_CACHE_MS = 2_000;
/** Uses are gathered for this long, so that a busy key does not cost a write a request. */
const USE_EVERY_MS = 3_000;
/** Keys remembered at once: more than are in use within the time above. */
const MAX_CACHED = 10_000;

/** Stored keys, as one process sees them. */
export interface KeyRing {
  /** @returns whose key this is, and notes its use; undefined when it is none, revoked or expired */
  find(secret: string): Promise<Principal | undefined>;
  /** Is the key still good? */
  stands(keyId: string): Promise<boolean>;
  /** Calls back as soon as the revocation of any key is heard. @returns ends that */
  onRevoked(listener: (keyId: string) => void): () => void;
  /** Writes down the uses gathered so far. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface KeyRingDeps {
  ledger: Ledger;
  /** A connection in subscriber mode, shared with others. */
  subscriber: RedisClient;
  onError(error: unknown): void;
  now(): number;
}

export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const { ledger, subscriber, now } = deps;
  const limits = { keptMs: KEY_CACHE_MS, max: MAX_CACHED };
  const cached = createShortMemory<ProvableApiKey>(now, limits);
  /** Where a secret's key is, by the secret's digest. */
  const places = createShortMemory<string>(now, limits);
  const uses = new Map<string, { count: number; lastUsedAt: number }>();
  const listeners = new Set<(keyId: string) => void>();

  subscriber.on('message', (channel: string, keyId: string) => {
    if (channel !== ledger.keys.apiKeysRevokedChannel) return;
    cached.forget(keyId);
    for (const listener of [...listeners]) listener(keyId);
  });
  // Comes back by itself after a lost connection; what was missed meanwhile the cache's short life makes good.
  subscriber.subscribe(ledger.keys.apiKeysRevokedChannel).catch(deps.onError);

  function load(keyId: string): Promise<ProvableApiKey | undefined> {
    return cached.get(keyId, () => readApiKey(ledger, keyId));
  }

  const expired = ({ expiresAt }: ApiKeyRecord) => expiresAt !== undefined && now() >= expiresAt;

  function note(keyId: string): void {
    uses.set(keyId, { count: (uses.get(keyId)?.count ?? 0) + 1, lastUsedAt: now() });
  }

  async function flush(): Promise<void> {
    const gathered = [...uses];
    uses.clear();
    for (const [keyId, use] of gathered) {
      try {
        await addApiKeyUse(ledger, keyId, use);
      } catch (error) {
        const since = uses.get(keyId);
        uses.set(keyId, {
          count: use.count + (since?.count ?? 0),
          lastUsedAt: since?.lastUsedAt ?? use.lastUsedAt,
        });
        deps.onError(error);
      }
    }
  }
  const timer = setInterval(() => void flush(), USE_EVERY_MS);
  timer.unref();

  return {
    async find(secret) {
      if (!isApiKeySecret(secret)) return undefined;
      const digest = createHash('sha256').update(secret).digest('hex');
      const keyId = await places.get(digest, () => apiKeyIdOf(ledger, digest));
      const key = keyId === undefined ? undefined : await load(keyId);
      if (keyId === undefined || key === undefined || !key.isKeyOf(secret) || expired(key.record))
        return undefined;
      note(keyId);
      return principalOfKey(key.record);
    },
    async stands(keyId) {
      const key = await load(keyId);
      return key !== undefined && !expired(key.record);
    },
    onRevoked(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}

function principalOfKey(record: ApiKeyRecord): Principal {
  const { id: keyId, owner, admin, permissions, ancestors, expiresAt } = record;
  const rights = permissions.filter(isRight);
  const principal = { owner, rights, seesAll: admin, by: 'key' as const, keyId, ancestors };
  return expiresAt === undefined ? principal : { ...principal, expiresAt };
}
