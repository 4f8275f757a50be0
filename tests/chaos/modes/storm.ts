import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, startCluster, startGround } from '../harness/cluster.ts';
import { startHoppingReaders } from '../harness/hopping-readers.ts';
import { SMALL_HEAP } from '../harness/inside.ts';
import { startIntruder } from '../harness/intruder.ts';
import { recordLeftovers } from '../harness/leftovers.ts';
import { misbehave, modelSpell, recordSpend } from '../harness/model.ts';
import { PROCESS_FAULTS } from '../harness/process-faults.ts';
import { deliverTwice, loseJob } from '../harness/queue-faults.ts';
import { SHORT_CALLS } from '../harness/short-calls.ts';
import type { Slot } from '../harness/slot.ts';
import { cancelRunningTask, stopSwarm } from '../harness/swarms.ts';
import { createRandom, type Random } from '../random.ts';
import { newHistory, type RunOptions, type Verdict, verdictOf } from '../verdict.ts';
import { randomSwarm } from '../workloads.ts';
import { launchSwarm, type RunningSwarm, readAllFinal } from './run-swarm.ts';

export interface StormOptions extends RunOptions {
  swarms: number;
  seconds: number;
  count?: { api: number; scheduler: number; worker: number };
}

/** Time between two faults: they overlap, and yet work gets done in between. */
const FAULT_EVERY_MS = [300, 1_500] as const;

/** Clocks of processes are wrong by up to this, either way: time that counts is Redis's. */
const SKEW_MS = 10 * 60_000;
/** Slow enough that most faults find agents at work. */
const MODEL_LATENCY_MS = 250;

/** Random faults over many swarms for a while; then peace, and everything has to come to its end. */
export async function storm(options: StormOptions): Promise<Verdict> {
  const { seed, say, swarms, seconds, count = { api: 2, scheduler: 2, worker: 3 } } = options;
  const history = newHistory('storm', seed);
  const random = createRandom(seed);
  const ground = await startGround({ latencyMs: MODEL_LATENCY_MS, seed });
  let cluster: Cluster | undefined;
  try {
    const calling = [...SHORT_CALLS, ...SMALL_HEAP];
    const nodeArgs = { api: SMALL_HEAP, scheduler: calling, worker: calling };
    cluster = await startCluster({ ground, history, count, nodeArgs, skews: skewsOf(random) });
    say(`${swarms} swarms in ${seconds} s of random faults, seed ${seed}.`);
    const intruder = await startIntruder(cluster, createRandom(seed + 2));
    const readers = startHoppingReaders(cluster, createRandom(seed + 3));
    const launched = launchAll(cluster, { seed, swarms, overMs: seconds * 700 }, (swarm) => {
      intruder.learn(swarm.swarmId);
      readers.follow(swarm.swarmId, swarm.reading);
    });
    await rage(cluster, random, Date.now() + seconds * 1_000);
    say('The storm is over; now everything has to come to its end.');
    await misbehave(cluster, []);
    await readAllFinal(cluster, await launched);
    await readers.done();
    await intruder.end();
    await recordLeftovers(cluster);
    await recordSpend(cluster);
  } finally {
    await cluster?.remove();
    await ground.stop();
  }
  return verdictOf('storm', seed, history);
}

/** One process of each kind is ahead, another behind. */
function skewsOf(random: Random): Record<string, number> {
  const off = () => random.integer(SKEW_MS / 10, SKEW_MS);
  return { 'api-2': off(), 'scheduler-1': -off(), 'worker-2': off(), 'worker-3': -off() };
}

/** Every so many swarms one is stopped, and a task of another is cancelled. */
const STOPPED_ONE_IN = 7;
const CANCELLED_AFTER = 3;

/** Creates the swarms spread over some time. Their shapes depend on the seed alone. */
async function launchAll(
  cluster: Cluster,
  { seed, swarms, overMs }: { seed: number; swarms: number; overMs: number },
  begin: (swarm: RunningSwarm) => void,
): Promise<RunningSwarm[]> {
  const random = createRandom(seed + 1);
  const begun: Promise<RunningSwarm>[] = [];
  for (let number = 1; number <= swarms; number += 1) {
    const workload = randomSwarm(random, `storm ${seed} number ${number}`);
    const stopAfterMs = random.integer(100, 2_000);
    begun.push(
      launchSwarm(cluster, number, workload).then(async (swarm) => {
        begin(swarm);
        const which = number % STOPPED_ONE_IN;
        if (which !== 0 && which !== CANCELLED_AFTER) return swarm;
        await delay(stopAfterMs);
        await (which === 0 ? stopSwarm : cancelRunningTask)(cluster, swarm.swarmId);
        return swarm;
      }),
    );
    await delay(overMs / swarms);
  }
  return Promise.all(begun);
}

/** Of so many faults one is the model's or the queue's. */
const ELSEWHERE_ONE_IN = 4;
const NOT_OF_A_PROCESS = [modelSpell, modelSpell, loseJob, deliverTwice] as const;

/** One fault after the other, each at a process that has none at the moment, or elsewhere; resolves when all have been made good. */
async function rage(cluster: Cluster, random: Random, until: number): Promise<void> {
  const busy = new Set<Slot>();
  const underWay: Promise<void>[] = [];
  while (Date.now() < until) {
    const fault = random.pick(PROCESS_FAULTS);
    const elsewhere = random.integer(1, ELSEWHERE_ONE_IN) === 1 ? random.pick(NOT_OF_A_PROCESS) : undefined;
    const kind = random.pick(['worker', 'worker', 'scheduler', 'api'] as const);
    const slot = random.pick(cluster.of(kind));
    const choices = createRandom(random.integer(0, 2 ** 31));
    await delay(random.integer(...FAULT_EVERY_MS));
    if (elsewhere !== undefined) {
      await elsewhere(cluster, choices);
      continue;
    }
    if (busy.has(slot)) continue;
    busy.add(slot);
    underWay.push(fault(slot, choices).finally(() => busy.delete(slot)));
  }
  await Promise.all(underWay);
}
