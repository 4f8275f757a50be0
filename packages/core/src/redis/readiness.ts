import type { Readiness } from '../runtime/health-server.ts';
import { eachServer, type RedisClient } from './connect.ts';

/** A probe that gets no answer in this time takes Redis for away; shorter than a probe's own usual limit of a second. */
const PROBE_DEADLINE_MS = 800;

/**
 * Can a process work on this Redis? Not when it is away, and not when it may throw keys away once it is full: the ledger
 * would lose swarms without anybody noticing. Answers within a second.
 */
export async function redisReadiness(redis: RedisClient): Promise<Readiness> {
  if (redis.status !== 'ready') return { ready: false, reason: 'Redis cannot be reached.' };
  const memories = await inTime(eachServer(redis, (server) => server.info('memory')));
  if (memories === undefined) return { ready: false, reason: 'Redis does not answer.' };
  const reason = evictionReason(memories);
  return reason === undefined ? { ready: true } : { ready: false, reason };
}

/** For a boot that refuses such a Redis. @returns undefined when it keeps its keys, or does not say */
export async function redisEviction(redis: RedisClient): Promise<string | undefined> {
  return evictionReason((await inTime(eachServer(redis, (server) => server.info('memory')))) ?? []);
}

function evictionReason(memories: string[]): string | undefined {
  const policy = memories.map(evictionPolicy).find((found) => found !== undefined);
  return policy === undefined
    ? undefined
    : `Redis may throw keys away when it is full (maxmemory-policy ${policy}). Set maxmemory-policy to noeviction.`;
}

/** @returns the policy by which this Redis may evict keys; undefined when it never does */
function evictionPolicy(memory: string): string | undefined {
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
  const unlimited = /^maxmemory:0\r?$/m.test(memory);
  return policy === 'noeviction' || unlimited ? undefined : policy;
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
