import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Cluster } from './cluster.ts';
import { LEFTOVER_DEADLINE_MS, LOCK_DEADLINE_MS, RETRY_EVERY_MS } from './tunables.ts';

/** Keys of a swarm that hold work or a lease: gone when it has ended. */
const WORK_KEYS = /:(ready|queued|running|retrying|suspended|open|pool)$/;
/** BullMQ's own keys that stay when a queue is empty. */
const QUEUE_FIXTURES = /^(meta|id|events|marker|stalled-check|pc|limiter)$/;

async function allKeys(redis: Redis, pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const keys of redis.scanStream({ match: pattern, count: 1_000 }))
    found.push(...(keys as string[]));
  return [...new Set(found)].sort();
}

/** Some of what a sorted set holds, for people. */
async function contents(redis: Redis, key: string): Promise<string> {
  const members = await redis.zrange(key, '0', '4').catch(() => []);
  return members.length === 0 ? '' : ` (${members.join(', ')})`;
}

/** Swarms that have ended are stored until they expire, and count for their owners; others do not. */
async function storedByNobody(
  redis: Redis,
  key: string,
  exists: (swarmId: string) => boolean,
): Promise<string[]> {
  const gone = (await redis.hkeys(key)).filter((swarmId) => !exists(swarmId));
  return gone.map((swarmId) => `${key} counts ${swarmId}, which is not there.`);
}

/** What an owner stores is what the owner's swarms store. */
async function wronglySummed(redis: Redis, key: string, partsKey: string): Promise<string[]> {
  const sums = new Map<string, number>();
  for (const part of await redis.hvals(partsKey)) {
    const [owner = '', bytes] = part.split(':');
    sums.set(owner, (sums.get(owner) ?? 0) + Number(bytes));
  }
  const wrong = Object.entries(await redis.hgetall(key)).filter(
    ([owner, bytes]) => sums.get(owner) !== Number(bytes),
  );
  return wrong.map(
    ([owner, bytes]) => `${key} says ${bytes} bytes of ${owner}, whose swarms store ${sums.get(owner)}.`,
  );
}

/** What a swarm, a queue or an index has kept though all swarms have ended. */
async function keysLeft(redis: Redis, cluster: Cluster): Promise<string[]> {
  const { prefix } = cluster;
  const left: string[] = [];
  const active = await redis.zrange(`${prefix}:swarms:active`, '0', '-1');
  if (active.length > 0) left.push(`The index of active swarms still has ${active.join(', ')}.`);
  const keys = await allKeys(redis, `${prefix}:*`);
  const known = new Set(keys);
  for (const key of keys) {
    const swarmId = /\{(swarm_[^}]+)\}/.exec(key)?.[1];
    if (swarmId === undefined) continue;
    // The mark of a deleted swarm stays for a while by design.
    const isMark = key.startsWith(`${prefix}:gone:`);
    if (!isMark && !known.has(`${prefix}:{${swarmId}}:meta`)) left.push(`${key} has no swarm.`);
    else if (WORK_KEYS.test(key)) left.push(`${key} holds work of a swarm that has ended.`);
    else if ((await redis.ttl(key)) < 0) left.push(`${key} never expires.`);
  }
  for (const key of await allKeys(redis, `{${prefix}-queue}:*`)) {
    const name = key.split(':').slice(2).join(':');
    if (key.endsWith('}:storage-of'))
      left.push(...(await storedByNobody(redis, key, (id) => known.has(`${prefix}:{${id}}:meta`))));
    else if (key.endsWith('}:storage')) left.push(...(await wronglySummed(redis, key, `${key}-of`)));
    else if (!QUEUE_FIXTURES.test(name))
      left.push(`The queue still has ${key}${await contents(redis, key)}.`);
  }
  return left;
}

/** Waits for `look` to find nothing; gives what it found last. */
async function untilNone(look: () => Promise<string[]>, deadlineMs: number): Promise<string[]> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found.length === 0 || Date.now() > end) return found;
    await delay(RETRY_EVERY_MS);
  }
}

/** Processes that carry the cluster's mark, as far as the system tells (Linux); elsewhere those it started itself. */
async function processesLeft(cluster: Cluster): Promise<string[]> {
  const numbers = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const marked: number[] = [];
  for (const pid of numbers) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environment.includes(`CHAOS_MARK=${cluster.mark}`)) marked.push(Number(pid));
  }
  const own = cluster.slots.filter((slot) => slot.process.running).flatMap((slot) => slot.process.pid ?? []);
  return [...new Set([...marked, ...own])].map((pid) => `Process ${pid} still runs.`);
}

/**
 * Looks for what should be gone, into the history: first with all processes running, which clean up after each other, then
 * with all of them stopped. Stops the cluster's processes. Keys of the queue count whatever they hold: deliveries, turns,
 * swarms that wait, grants, and places of started swarms.
 */
export async function recordLeftovers(cluster: Cluster, deadlineMs = LEFTOVER_DEADLINE_MS): Promise<void> {
  const redis = new Redis(cluster.ground.redis.url, { maxRetriesPerRequest: 3 });
  redis.on('error', () => {});
  try {
    const left = await untilNone(() => keysLeft(redis, cluster), deadlineMs);
    await cluster.stopProcesses();
    left.push(
      ...(await untilNone(
        async () =>
          (await allKeys(redis, `${cluster.prefix}:lock:*`)).map((key) => `The lock ${key} is held.`),
        LOCK_DEADLINE_MS,
      )),
    );
    left.push(...(await untilNone(() => processesLeft(cluster), LOCK_DEADLINE_MS)));
    for (const root of cluster.workspaceRoots)
      for (const name of await readdir(root)) left.push(`The workspace folder ${name} is left.`);
    for (const what of left) cluster.history.add({ kind: 'leftover', what });
  } finally {
    redis.disconnect();
  }
}
