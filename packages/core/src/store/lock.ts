import { ulid } from 'ulid';
import type { Ledger } from './ledger.ts';

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * Runs `work` while holding a short lock; gives up at once when another process holds it. For periodic work only: what
 * the work changes is guarded by its own scripts.
 * @returns whether the lock was ours
 */
export async function withLock(
  ledger: Ledger,
  name: string,
  ttlMs: number,
  work: () => Promise<void>,
): Promise<boolean> {
  const key = ledger.keys.lock(name);
  const token = ulid();
  if ((await ledger.redis.set(key, token, 'PX', ttlMs, 'NX')) === null) return false;
  try {
    await work();
  } finally {
    await ledger.redis.eval(RELEASE, 1, key, token);
  }
  return true;
}
