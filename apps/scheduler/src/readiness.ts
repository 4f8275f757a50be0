import type { Readiness } from '@claude-flow/core/runtime/health-server';
import type { Redis } from 'ioredis';

/** A probe that gets no answer in this time takes Redis for away; shorter than a probe's own usual limit of a second. */
const PROBE_DEADLINE_MS = 800;

/**
 * Can this scheduler do its work? Not while it stops, not without Redis, and not on a Redis that may throw keys away when
 * it is full: the ledger would lose swarms without anybody noticing.
 */
export async function schedulerReadiness(redis: Redis, stopping: boolean): Promise<Readiness> {
  if (stopping) return { ready: false, reason: 'The scheduler is stopping.' };
  if (redis.status !== 'ready') return { ready: false, reason: 'Redis cannot be reached.' };
  const memory = await inTime(redis.info('memory'));
  if (memory === undefined) return { ready: false, reason: 'Redis does not answer.' };
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy !== undefined && policy !== 'noeviction' && !/^maxmemory:0\r?$/m.test(memory)) {
    const reason = `Redis may throw keys away when it is full (maxmemory-policy ${policy}). Set maxmemory-policy to noeviction.`;
    return { ready: false, reason };
  }
  return { ready: true };
}

/** @returns undefined when the answer is late or an error */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PROBE_DEADLINE_MS, undefined);
  });
  try {
    return await Promise.race([answer, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
