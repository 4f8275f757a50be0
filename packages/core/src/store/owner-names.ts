import { createHmac, randomBytes } from 'node:crypto';
import { OWNER_NAMES_RETRY_MS } from '../runtime/tunables.ts';
import { type Ledger, write } from './ledger.ts';

/** The owner of a key of the environment, as it is stored: the beginning of the key's digest, which is shown to nobody. */
const STORED_PATTERN = /^key:[0-9a-f]{32}$/;
const SHOWN_PATTERN = /^env:[0-9a-f]{16}$/;
const SHOWN_DIGITS = 16;
const SECRET_FIELD = 'secret';
const SECRET_BYTES = 32;

/**
 * What owners are called outside of Redis. Owners of keys of the environment are stored under the beginning of the key's digest, as
 * all releases did; they are shown as `env:` and 16 hexadecimal digits, which depend on a random secret of this Redis and so tell
 * nothing about the key. Every other owner is shown as it is stored.
 */
export interface OwnerNames {
  shown(owner: string): string;
}

/**
 * @param known stored owners whose names people may use from now on, also when their key has left the environment
 */
export async function openOwnerNames(ledger: Ledger, known: readonly string[]): Promise<OwnerNames> {
  const { redis, keys } = ledger;
  const fresh = randomBytes(SECRET_BYTES).toString('hex');
  // Until Redis takes it, or says which one all processes share, names depend on a secret of this process alone.
  let secret = fresh;
  const shown = (owner: string) =>
    STORED_PATTERN.test(owner)
      ? `env:${createHmac('sha256', secret).update(owner).digest('hex').slice(0, SHOWN_DIGITS)}`
      : owner;
  const share = async () => {
    await write(ledger, keys.ownerNames, ['HSETNX', SECRET_FIELD, fresh]);
    secret = (await redis.hget(keys.ownerNames, SECRET_FIELD)) ?? fresh;
    const names = known.flatMap((owner) => [shown(owner), owner]);
    if (names.length > 0) await write(ledger, keys.ownerNames, ['HSET', ...names]);
  };
  // A Redis that is there and does not serve yet keeps no API from starting: it says itself that it is not ready.
  const shareLater = () => {
    if (redis.status === 'end') return;
    setTimeout(() => share().catch(shareLater), OWNER_NAMES_RETRY_MS).unref();
  };
  await share().catch(shareLater);
  return { shown };
}

/**
 * The stored owner that people mean by a name.
 * @returns undefined when it looks like the name of a key of the environment, and no such key was ever used with this Redis
 */
export async function ownerOfName(ledger: Ledger, name: string): Promise<string | undefined> {
  if (!SHOWN_PATTERN.test(name)) return name;
  return (await ledger.redis.hget(ledger.keys.ownerNames, name)) ?? undefined;
}
