import type { Ledger } from './ledger.ts';

/** A worker process, as it wrote itself down. Times are milliseconds since 1970, by Redis. */
export interface WorkerEntry {
  workerId: string;
  /** Tasks at the same time. */
  concurrency: number;
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

/** KEYS: workers. ARGV: id, concurrency, memory, cpu ('' when not measured). The clock is Redis's, so that no worker's own counts. */
const REGISTER = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local earlier = redis.call('HGET', KEYS[1], ARGV[1])
local entry = earlier and cjson.decode(earlier) or { workerId = ARGV[1], startedAt = now }
entry.concurrency = tonumber(ARGV[2])
entry.lastSeenAt = now
entry.memoryBytes = tonumber(ARGV[3])
entry.cpu = tonumber(ARGV[4])
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(entry))
return 1`;

/** Writes a worker down, or that it is still there. */
export async function registerWorker(
  ledger: Ledger,
  worker: Pick<WorkerEntry, 'workerId' | 'concurrency' | 'memoryBytes' | 'cpu'>,
): Promise<void> {
  const { workerId, concurrency, memoryBytes = '', cpu = '' } = worker;
  await ledger.redis.eval(REGISTER, 1, ledger.keys.workers, workerId, concurrency, memoryBytes, cpu);
}

/** A worker that has ended in order, or is long gone. */
export async function forgetWorker(ledger: Ledger, workerId: string): Promise<void> {
  await ledger.redis.hdel(ledger.keys.workers, workerId);
}

export async function listWorkers(ledger: Ledger): Promise<WorkerEntry[]> {
  const entries = await ledger.redis.hgetall(ledger.keys.workers);
  return Object.values(entries).map((json) => JSON.parse(json) as WorkerEntry);
}
