import { FREE_PLACES_KNOWN_MS } from '../runtime/tunables.ts';
import type { Ledger } from './ledger.ts';

/** A worker process, as it wrote itself down. Times are milliseconds since 1970, by Redis. */
export interface WorkerEntry {
  workerId: string;
  /** Tasks at the same time. */
  concurrency: number;
  /** How many more it would take right now. A worker of the last release does not say. */
  free?: number;
  startedAt: number;
  lastSeenAt: number;
  /** Resident memory of the process, in bytes, when last measured. */
  memoryBytes?: number;
  /** Processors it kept busy since the measurement before: 1 is one core all the time. */
  cpu?: number;
}

const CONNECTION_PREFIX = 'cf-worker:';

/** The name that each connection of a worker bears in CLIENT LIST: how its death is noticed at once. */
export function workerConnectionName(workerId: string): string {
  return `${CONNECTION_PREFIX}${workerId}`;
}

/** @returns undefined for a connection that is no worker's */
export function workerOfConnection(name: string): string | undefined {
  return name.startsWith(CONNECTION_PREFIX) ? name.slice(CONNECTION_PREFIX.length) : undefined;
}

/** KEYS: workers. ARGV: id, concurrency, memory, cpu ('' when not measured), free places ('' when not told). The clock is Redis's, so that no worker's own counts. */
const REGISTER = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local earlier = redis.call('HGET', KEYS[1], ARGV[1])
local entry = earlier and cjson.decode(earlier) or { workerId = ARGV[1], startedAt = now }
entry.concurrency = tonumber(ARGV[2])
entry.lastSeenAt = now
entry.memoryBytes = tonumber(ARGV[3])
entry.cpu = tonumber(ARGV[4])
entry.free = tonumber(ARGV[5])
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(entry))
return 1`;

/** Writes a worker down, or that it is still there. */
export async function registerWorker(
  ledger: Ledger,
  worker: Pick<WorkerEntry, 'workerId' | 'concurrency' | 'memoryBytes' | 'cpu' | 'free'>,
): Promise<void> {
  const { workerId, concurrency, memoryBytes = '', cpu = '', free = '' } = worker;
  await ledger.redis.eval(REGISTER, 1, ledger.keys.workers, workerId, concurrency, memoryBytes, cpu, free);
}

/** A worker that has ended in order, or is long gone. */
export async function forgetWorker(ledger: Ledger, workerId: string): Promise<void> {
  await ledger.redis.hdel(ledger.keys.workers, workerId);
}

export async function listWorkers(ledger: Ledger): Promise<WorkerEntry[]> {
  const entries = await ledger.redis.hgetall(ledger.keys.workers);
  return Object.values(entries).map((json) => JSON.parse(json) as WorkerEntry);
}

/**
 * Counts the places of the fleet in which nobody works, for workers to read: none has to look at all others. Entries that were not renewed
 * lately do not count. Only a hint: a second old, and forgotten when no scheduler counts.
 */
export async function countFreePlaces(ledger: Ledger, workers: readonly WorkerEntry[]): Promise<void> {
  const newest = Math.max(0, ...workers.map(({ lastSeenAt }) => lastSeenAt));
  const free = workers
    .filter(({ lastSeenAt }) => lastSeenAt >= newest - FREE_PLACES_KNOWN_MS)
    .reduce((sum, worker) => sum + (worker.free ?? 0), 0);
  await ledger.redis.set(ledger.keys.freePlaces, free, 'PX', FREE_PLACES_KNOWN_MS);
}

/** @returns undefined when nobody has counted lately */
export async function readFreePlaces({ redis, keys }: Ledger): Promise<number | undefined> {
  const free = await redis.get(keys.freePlaces);
  return free === null ? undefined : Number(free);
}
