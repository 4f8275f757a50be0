import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, startCluster, startGround } from '../harness/cluster.ts';
import { redisDiskFull, redisDiskFullRefusing, workerDiskFull } from '../harness/disk-faults.ts';
import { recordLeftovers } from '../harness/leftovers.ts';
import { recordSpend } from '../harness/model.ts';
import { mountSmallDisk, type SmallDisk } from '../harness/small-disk.ts';
import { createRandom, type Random } from '../random.ts';
import { newHistory, type RunOptions, type Verdict, verdictOf } from '../verdict.ts';
import { randomSwarm } from '../workloads.ts';
import { launchSwarm, type RunningSwarm, readAllFinal } from './run-swarm.ts';

export interface DiskOptions extends RunOptions {
  /** Over all rounds. */
  swarms: number;
  /** How often each of the three faults happens. */
  rounds: number;
}

/** Slow enough that faults find agents at work. */
const MODEL_LATENCY_MS = 150;
/** For all that Redis writes in a run; and for a few workspaces. */
const REDIS_DISK_MB = 96;
const WORKER_DISK_MB = 16;
/** The one whose workspaces have a small disk. */
const CRAMPED = 'worker-2';

/**
 * The disk under Redis, and the one under a worker's workspaces, gets full while swarms run, and has room again.
 * @returns undefined where no disk can be mounted
 */
export async function disk(options: DiskOptions): Promise<Verdict | undefined> {
  const disks = await Promise.all([mountSmallDisk(REDIS_DISK_MB), mountSmallDisk(WORKER_DISK_MB)]);
  const [ofRedis, ofWorker] = disks;
  try {
    if (ofRedis === undefined || ofWorker === undefined) return undefined;
    return await withDisks(options, ofRedis, ofWorker);
  } finally {
    await Promise.all(disks.map((one) => one?.remove()));
  }
}

async function withDisks(
  { seed, say, swarms, rounds }: DiskOptions,
  ofRedis: SmallDisk,
  ofWorker: SmallDisk,
): Promise<Verdict> {
  const history = newHistory('disk', seed);
  const random = createRandom(seed);
  const ground = await startGround({ latencyMs: MODEL_LATENCY_MS, seed, dataDir: ofRedis.path });
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster({
      ground,
      history,
      count: { api: 1, scheduler: 1, worker: 2 },
      workspaceRoots: { [CRAMPED]: ofWorker.path },
    });
    const faults = Array.from({ length: rounds }, () => [
      (started: Cluster) => redisDiskFull(started, ofRedis, random),
      (started: Cluster) => crampedDiskFull(started, ofWorker, random),
      (started: Cluster) => redisDiskFullRefusing(started, ofRedis, random),
    ]).flat();
    const all: RunningSwarm[] = [];
    for (const [index, fault] of faults.entries()) {
      while (all.length < Math.ceil((swarms * (index + 1)) / faults.length)) {
        const number = all.length + 1;
        all.push(await launchSwarm(cluster, number, randomSwarm(random, `disk ${seed} number ${number}`)));
      }
      await delay(random.integer(50, 700));
      await fault(cluster);
      say(`Fault ${index + 1} of ${faults.length}: a disk was full, and has room again.`);
    }
    await readAllFinal(cluster, all);
    await recordLeftovers(cluster);
    await recordSpend(cluster);
  } finally {
    await cluster?.remove();
    await ground.stop();
  }
  return verdictOf('disk', seed, history);
}

async function crampedDiskFull(cluster: Cluster, disk: SmallDisk, random: Random): Promise<void> {
  const slot = cluster.of('worker').find(({ name }) => name === CRAMPED);
  if (slot === undefined) throw new Error(`${CRAMPED} is needed.`);
  await workerDiskFull(slot, disk, random);
}
