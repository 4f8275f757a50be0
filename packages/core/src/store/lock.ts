import { randomUUID } from 'node:crypto';
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
  const token = randomUUID();
  if ((await ledger.redis.set(key, token, 'PX', ttlMs, 'NX')) === null) return false;
  try {
    await work();
  } finally {
    await ledger.redis.eval(RELEASE, 1, key, token);
  }
  return true;
}

const HOLD = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') and 1 or 0`;

export interface HeldLock {
  /** Takes the lock, or holds it for another `ttlMs`. @returns whether it is ours */
  hold(): Promise<boolean>;
  release(): Promise<void>;
}

/** A lock that its holder keeps from one round to the next. Like {@link withLock}, for thrift and not for safety. */
export function createHeldLock(ledger: Ledger, name: string, ttlMs: number): HeldLock {
  const key = ledger.keys.lock(name);
  const token = randomUUID();
  return {
    hold: async () => (await ledger.redis.eval(HOLD, 1, key, token, ttlMs)) === 1,
    async release() {
      await ledger.redis.eval(RELEASE, 1, key, token);
    },
  };
}
