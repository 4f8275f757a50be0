import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type Cluster, startCluster, startGround } from '../harness/cluster.ts';
import { recordLeftovers } from '../harness/leftovers.ts';
import { recordSpend } from '../harness/model.ts';
import { GRACEFUL_EXIT_MS } from '../harness/tunables.ts';
import { plant } from '../planted/plant.ts';
import { createRandom, type Random } from '../random.ts';
import { newHistory, type RunOptions, type Verdict, verdictOf } from '../verdict.ts';
import { randomSwarm } from '../workloads.ts';
import { launchSwarm, type RunningSwarm, readAllFinal } from './run-swarm.ts';

export interface RollingOptions extends RunOptions {
  /** Over all rounds. */
  swarms: number;
  /** How often everything is restarted. */
  rounds: number;
}

/** Slow enough that restarts find agents at work. */
const MODEL_LATENCY_MS = 250;

/** The same scripts, and yet another library in Redis: what a process of the next version brings along. */
const NEXT_VERSION = plant([
  { file: 'lua/includes/outcomes.lua', find: '^', replace: '-- The next version.\n' },
]);

/**
 * Every process is ended with SIGTERM and started again in the other version, one after the other, while swarms run: nothing
 * may be paid twice, and processes of both versions work on the same swarms.
 */
export async function rolling(options: RollingOptions): Promise<Verdict> {
  const { seed, say, swarms, rounds } = options;
  const history = newHistory('rolling', seed);
  const random = createRandom(seed);
  const ground = await startGround({ latencyMs: MODEL_LATENCY_MS, seed });
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster({
      ground,
      history,
      count: { api: 2, scheduler: 2, worker: 2 },
      version: (life) => (life % 2 === 0 ? NEXT_VERSION : []),
    });
    const started = cluster;
    const all: RunningSwarm[] = [];
    const restarts = rounds * cluster.slots.length;
    let restarted = 0;
    for (let round = 1; round <= rounds; round += 1) {
      for (const slot of shuffled(cluster.slots, random)) {
        restarted += 1;
        // Spread over all restarts, so that each finds some at work.
        while (all.length < Math.ceil((swarms * restarted) / restarts)) {
          const number = all.length + 1;
          all.push(
            await launchSwarm(started, number, randomSwarm(random, `rolling ${seed} number ${number}`)),
          );
        }
        await delay(random.integer(100, 800));
        await slot.signal('SIGTERM');
        const timer = setTimeout(() => {
          history.add({ kind: 'leftover', what: `${slot.name} did not end within 20 s of SIGTERM.` });
          slot.process.kill('SIGKILL');
        }, GRACEFUL_EXIT_MS);
        const { code, signal } = await slot.process.exited;
        clearTimeout(timer);
        if (code !== 0) history.add({ kind: 'leftover', what: `${slot.name} ended with ${signal ?? code}.` });
        await slot.restart();
      }
      say(`Round ${round} of ${rounds}: every process was restarted.`);
    }
    await readAllFinal(cluster, all);
    await recordVersions(cluster);
    await recordLeftovers(cluster);
    await recordSpend(cluster);
  } finally {
    await cluster?.remove();
    await ground.stop();
  }
  return verdictOf('rolling', seed, history);
}

/** Without two libraries there were not two versions. */
async function recordVersions({ ground, history }: Cluster): Promise<void> {
  const redis = new Redis(ground.redis.url);
  const listed = (await redis.function('LIST')) as unknown[];
  redis.disconnect();
  if (listed.length === 2) return;
  history.add({ kind: 'leftover', what: `Redis has ${listed.length} libraries of scripts instead of two.` });
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
