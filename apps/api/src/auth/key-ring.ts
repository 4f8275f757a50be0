import type { RedisClient } from '@claude-flow/core/redis/connect';
import {
  type ApiKeyRecord,
  addApiKeyUse,
  apiKeyIdOf,
  type ProvableApiKey,
  readApiKey,
} from '@claude-flow/core/store/api-keys';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { isRight, type Principal } from './principal.ts';

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

interface Cached {
  readAt: number;
  key: Promise<ProvableApiKey | undefined>;
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
  const cached = new Map<string, Cached>();
  const uses = new Map<string, { count: number; lastUsedAt: number }>();
  const listeners = new Set<(keyId: string) => void>();

  subscriber.on('message', (channel: string, keyId: string) => {
    if (channel !== ledger.keys.apiKeysRevokedChannel) return;
    cached.delete(keyId);
    for (const listener of [...listeners]) listener(keyId);
  });
  // Comes back by itself after a lost connection; what was missed meanwhile the cache's short life makes good.
  subscriber.subscribe(ledger.keys.apiKeysRevokedChannel).catch(deps.onError);

  function load(keyId: string): Promise<ProvableApiKey | undefined> {
    const at = now();
    const known = cached.get(keyId);
    if (known !== undefined && at - known.readAt < KEY_CACHE_MS) return known.key;
    const entry: Cached = { readAt: at, key: readApiKey(ledger, keyId) };
    cached.delete(keyId);
    cached.set(keyId, entry);
    const drop = () => cached.get(keyId) === entry && cached.delete(keyId);
    // What is no key is not remembered: guesses must not push keys out.
    entry.key.then((key) => key === undefined && drop(), drop);
    if (cached.size > MAX_CACHED) {
      const [oldest] = cached.keys();
      if (oldest !== undefined) cached.delete(oldest);
    }
    return entry.key;
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
      const keyId = apiKeyIdOf(secret);
      if (keyId === undefined) return undefined;
      const key = await load(keyId);
      if (key === undefined || !key.isKeyOf(secret) || expired(key.record)) return undefined;
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
  const { id: keyId, owner, admin, permissions, expiresAt } = record;
  const principal = { owner, rights: permissions.filter(isRight), seesAll: admin, keyId };
  return expiresAt === undefined ? principal : { ...principal, expiresAt };
}
