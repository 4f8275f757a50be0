import type { Readiness } from '@claude-flow/core/runtime/health-server';
import type { Redis } from 'ioredis';

/**
 * Can this process do its work? Not while it stops, not without Redis, and not on a Redis that may throw keys away when
 * it is full: the ledger would lose swarms without anybody noticing.
 * @param redis a prompt connection: its commands end within a second
 */
export async function apiReadiness(redis: Redis, stopping: boolean): Promise<Readiness> {
  if (stopping) return { ready: false, reason: 'The server is stopping.' };
  let memory: string;
  try {
    memory = await redis.info('memory');
  } catch {
    return { ready: false, reason: 'Redis cannot be reached.' };
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
  const unlimited = /^maxmemory:0\r?$/m.test(memory);
  if (policy === 'noeviction' || unlimited) return { ready: true };
  const reason = `Redis may throw keys away when it is full (maxmemory-policy ${policy}). Set maxmemory-policy to noeviction.`;
  return { ready: false, reason };
}
