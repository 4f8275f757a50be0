import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@claude-flow/testing/wait-for';
import { type Cluster, startCluster, startGround } from '../harness/cluster.ts';
import { recordLeftovers } from '../harness/leftovers.ts';
import { recordSpend } from '../harness/model.ts';
import { redisFull, redisReadOnly, redisReplica } from '../harness/redis-faults.ts';
import { appendOnlyFile, sizeOf, tearAfter } from '../harness/torn-write.ts';
import { createRandom, type Random } from '../random.ts';
import { newHistory, type RunOptions, type Verdict, verdictOf } from '../verdict.ts';
import { randomSwarm } from '../workloads.ts';
import { launchSwarm, readAllFinal } from './run-swarm.ts';

export interface RedisOptions extends RunOptions {
  /** Over all rounds. */
  swarms: number;
  /** How often each of the six faults happens. */
  rounds: number;
}

/** Slow enough that faults find agents at work. */
const MODEL_LATENCY_MS = 150;

/** Redis is killed and comes back after a while. */
async function killed({ ground, history }: Cluster, random: Random): Promise<void> {
  history.add({ kind: 'action', action: 'redis-killed', target: 'redis' });
  await ground.redis.kill();
  await delay(random.integer(0, 1_500));
  await ground.redis.restart();
  history.add({ kind: 'action', action: 'redis-back after redis-killed', target: 'redis' });
}

/** No process reaches Redis, and none is told so. */
async function cutOff({ slots, history }: Cluster, random: Random): Promise<void> {
  const ms = random.integer(1_000, 6_500);
  history.add({ kind: 'action', action: 'blackhole', target: 'all', detail: `${ms} ms` });
  for (const slot of slots) slot.proxy.mode('blackhole');
  await delay(ms);
  for (const slot of slots) slot.proxy.mode('pass');
  history.add({ kind: 'action', action: 'pass', target: 'all' });
}

/**
 * Power loss in the middle of a write: what was written and not yet acknowledged is torn off in the middle of a command. No
 * reply comes through from a moment on, so that nothing written after it can have been acknowledged to anybody.
 */
async function powerLoss({ ground, slots, history }: Cluster, random: Random): Promise<void> {
  for (const slot of slots) slot.proxy.withholdReplies(true);
  const file = await appendOnlyFile(ground.redis);
  const before = await sizeOf(file);
  await waitFor(async () => (await sizeOf(file)) > before, {
    deadlineMs: 10_000,
    everyMs: 5,
    what: 'Redis to write something that nobody is told of',
  });
  history.add({ kind: 'action', action: 'redis-killed by power loss', target: 'redis' });
  await ground.redis.kill();
  const torn = await tearAfter(file, before, random.next());
  for (const slot of slots) {
    slot.proxy.reset();
    slot.proxy.withholdReplies(false);
  }
  await ground.redis.restart();
  history.add({
    kind: 'action',
    action: 'redis-back after power loss',
    target: 'redis',
    detail: `${torn} bytes were torn off`,
  });
}

/** Redis killed, cut off, losing power, full, refusing writes, and a replica, while swarms run. */
export async function redis(options: RedisOptions): Promise<Verdict> {
  const { seed, say, swarms, rounds } = options;
  const history = newHistory('redis', seed);
  const random = createRandom(seed);
  const ground = await startGround({ latencyMs: MODEL_LATENCY_MS, seed });
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster({ ground, history, count: { api: 1, scheduler: 1, worker: 2 } });
    const faults = Array.from({ length: rounds }, () => [
      killed,
      powerLoss,
      cutOff,
      redisFull,
      redisReadOnly,
      redisReplica,
    ]).flat();
    let number = 0;
    const all: Awaited<ReturnType<typeof launchSwarm>>[] = [];
    for (const fault of faults) {
      const started = cluster;
      const share = Math.ceil(swarms / faults.length);
      const launched = await Promise.all(
        Array.from({ length: share }, () => {
          number += 1;
          return launchSwarm(started, number, randomSwarm(random, `redis ${seed} number ${number}`));
        }),
      );
      all.push(...launched);
      await delay(random.integer(50, 700));
      await fault(cluster, random);
      say(`Redis: ${fault.name}, and back.`);
    }
    await readAllFinal(cluster, all);
    await recordLeftovers(cluster);
    await recordSpend(cluster);
  } finally {
    await cluster?.remove();
    await ground.stop();
  }
  return verdictOf('redis', seed, history);
}
