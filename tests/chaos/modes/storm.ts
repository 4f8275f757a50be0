import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, startCluster, startGround } from '../harness/cluster.ts';
import { recordLeftovers, recordSpend } from '../harness/leftovers.ts';
import type { Slot } from '../harness/slot.ts';
import { readFinal, stopSwarm } from '../harness/swarms.ts';
import { createRandom, type Random } from '../random.ts';
import { newHistory, type RunOptions, type Verdict, verdictOf } from '../verdict.ts';
import { randomSwarm } from '../workloads.ts';
import { launchSwarm, type RunningSwarm } from './run-swarm.ts';

export interface StormOptions extends RunOptions {
  swarms: number;
  seconds: number;
  count?: { api: number; scheduler: number; worker: number };
}

/** Time between two faults: they overlap, and yet work gets done in between. */
const FAULT_EVERY_MS = [300, 1_500] as const;

/** Slow enough that most faults find agents at work. */
const MODEL_LATENCY_MS = 250;

type Fault = (slot: Slot, random: Random) => Promise<void>;

/** Does something with the way to Redis for a while. */
const cutFor =
  (
    action: string,
    low: number,
    high: number,
    begin: (slot: Slot) => void,
    end: (slot: Slot) => void,
  ): Fault =>
  async (slot, random) => {
    const ms = random.integer(low, high);
    const life = slot.kind === 'worker' ? { workerId: slot.workerId } : {};
    const { history } = slot;
    history.add({ kind: 'action', action, target: slot.name, ...life, detail: `${ms} ms` });
    begin(slot);
    await delay(ms);
    end(slot);
    history.add({ kind: 'action', action: 'pass', target: slot.name, ...life });
  };

const FAULTS: readonly Fault[] = [
  async (slot, random) => {
    await slot.signal('SIGKILL');
    await delay(random.integer(0, 1_500));
    await slot.restart();
  },
  async (slot, random) => {
    await slot.signal('SIGTERM');
    await slot.process.exited;
    await delay(random.integer(0, 500));
    await slot.restart();
  },
  async (slot, random) => {
    await slot.signal('SIGSTOP');
    // Sometimes past the lease: then it wakes up as one that has been replaced.
    await delay(random.pick([500, 2_000, 6_000, 12_000]));
    await slot.signal('SIGCONT');
  },
  cutFor(
    'blackhole',
    500,
    7_000,
    (slot) => slot.proxy.mode('blackhole'),
    (slot) => slot.proxy.mode('pass'),
  ),
  cutFor(
    'reset',
    0,
    500,
    (slot) => slot.proxy.mode('reset'),
    (slot) => slot.proxy.mode('pass'),
  ),
  cutFor(
    'delay',
    1_000,
    4_000,
    (slot) => slot.proxy.mode({ delayMs: 150 }),
    (slot) => slot.proxy.mode('pass'),
  ),
  cutFor(
    'replies-withheld',
    200,
    3_000,
    (slot) => slot.proxy.withholdReplies(true),
    (slot) => slot.proxy.withholdReplies(false),
  ),
];

/** Random faults over many swarms for a while; then peace, and everything has to come to its end. */
export async function storm(options: StormOptions): Promise<Verdict> {
  const { seed, say, swarms, seconds, count = { api: 2, scheduler: 2, worker: 3 } } = options;
  const history = newHistory('storm', seed);
  const random = createRandom(seed);
  const ground = await startGround({ latencyMs: MODEL_LATENCY_MS, seed });
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster({ ground, history, count });
    say(`${swarms} swarms in ${seconds} s of random faults, seed ${seed}.`);
    const launched = launchAll(cluster, { seed, swarms, overMs: seconds * 700 });
    await rage(cluster, random, Date.now() + seconds * 1_000);
    say('The storm is over; now everything has to come to its end.');
    for (const { swarmId, settled } of await launched) {
      await settled;
      await readFinal(cluster, swarmId);
    }
    await recordLeftovers(cluster);
    await recordSpend(cluster);
  } finally {
    await cluster?.remove();
    await ground.stop();
  }
  return verdictOf('storm', seed, history);
}

/** Every so many swarms one is stopped. */
const STOPPED_ONE_IN = 7;

/** Creates the swarms spread over some time. Their shapes depend on the seed alone. */
async function launchAll(
  cluster: Cluster,
  { seed, swarms, overMs }: { seed: number; swarms: number; overMs: number },
): Promise<RunningSwarm[]> {
  const random = createRandom(seed + 1);
  const begun: Promise<RunningSwarm>[] = [];
  for (let number = 1; number <= swarms; number += 1) {
    const launched = launchSwarm(cluster, number, randomSwarm(random, `storm ${seed} number ${number}`));
    const stopAfterMs = random.integer(100, 2_000);
    const stopped = number % STOPPED_ONE_IN === 0;
    begun.push(
      stopped
        ? launched.then(async (swarm) => {
            await delay(stopAfterMs);
            await stopSwarm(cluster, swarm.swarmId);
            return swarm;
          })
        : launched,
    );
    await delay(overMs / swarms);
  }
  return Promise.all(begun);
}

/** One fault after the other, each at a process that has none at the moment; resolves when all have been made good. */
async function rage(cluster: Cluster, random: Random, until: number): Promise<void> {
  const busy = new Set<Slot>();
  const underWay: Promise<void>[] = [];
  while (Date.now() < until) {
    const fault = random.pick(FAULTS);
    const kind = random.pick(['worker', 'worker', 'scheduler', 'api'] as const);
    const slot = random.pick(cluster.of(kind));
    const choices = createRandom(random.integer(0, 2 ** 31));
    await delay(random.integer(...FAULT_EVERY_MS));
    if (busy.has(slot)) continue;
    busy.add(slot);
    underWay.push(fault(slot, choices).finally(() => busy.delete(slot)));
  }
  await Promise.all(underWay);
}
