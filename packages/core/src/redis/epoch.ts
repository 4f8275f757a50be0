import { Cluster } from 'ioredis';
import type { RedisClient } from './connect.ts';

/** Slots of a cluster whose server's epoch is remembered; beyond it is asked anew. */
const REMEMBERED = 10_000;
/** Of a server that does not tell its run id; going back in time is then noticed only by numbers that are missing. */
const UNKNOWN = 1;

export interface Epochs {
  /** The epoch of the server that holds the key; asked once, then remembered until `ask`. */
  of(redis: RedisClient, key: string): Promise<number>;
  /** Asks again: the server may be another one, or have been restarted. */
  ask(redis: RedisClient, key: string): Promise<number>;
}

/**
 * The epoch of events: a number that is another one for every life of a Redis process, taken from its random `run_id`.
 * Only a server that ended can have lost what it had answered, so events of one epoch are one history (ADR 9).
 */
export function createEpochs(): Epochs {
  const known = new Map<string, number>();
  // The servers of a cluster live their own lives; one server has one epoch for all.
  const nameOf = (redis: RedisClient, key: string) =>
    redis instanceof Cluster ? (/\{([^}]+)\}/.exec(key)?.[1] ?? key) : '';
  const ask: Epochs['ask'] = async (redis, key) => {
    const epoch = epochOf(await redis.eval("return redis.call('INFO', 'server')", 1, key));
    if (known.size >= REMEMBERED) known.clear();
    known.set(nameOf(redis, key), epoch);
    return epoch;
  };
  return {
    ask,
    of: async (redis, key) => known.get(nameOf(redis, key)) ?? ask(redis, key),
  };
}

/** 44 bits of the run id: Lua writes whole numbers exactly up to 14 digits. */
export function epochOf(serverInfo: unknown): number {
  const runId = /^run_id:([0-9a-f]{11})/m.exec(String(serverInfo))?.[1];
  return runId === undefined ? UNKNOWN : Number.parseInt(runId, 16) || UNKNOWN;
}
