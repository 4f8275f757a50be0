import { type Cluster, startCluster, startGround } from '../harness/cluster.ts';
import { recordLeftovers } from '../harness/leftovers.ts';
import { misbehave, recordSpend } from '../harness/model.ts';
import { awaitEnd, createSwarm, followSwarm, readFinal } from '../harness/swarms.ts';
import { ofKind } from '../history.ts';
import { createRandom } from '../random.ts';
import { newHistory, type RunOptions, type Verdict, verdictOf } from '../verdict.ts';
import { oneTask, wideGraph } from '../workloads.ts';

export interface LoadOptions extends RunOptions {
  /** Created as fast as they are accepted; 0 for none. */
  swarms: number;
  /** Of one graph; 0 for none. */
  tasks: number;
}

/** Creations under way at once. */
const CREATORS = 64;
/** A thousand swarms take about a minute on two cores, ten thousand tasks about five. */
const ALL_END_DEADLINE_MS = 20 * 60_000;

/** A thousand swarms in about a second, and one swarm of ten thousand tasks: all accepted ones are found, and end. */
export async function load(options: LoadOptions): Promise<Verdict> {
  const { seed, say, swarms, tasks } = options;
  const history = newHistory('load', seed);
  const random = createRandom(seed);
  const ground = await startGround({ latencyMs: 1, seed });
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster({ ground, history, count: { api: 2, scheduler: 2, worker: 2 } });
    // One turn a task: the engine is loaded, not the model.
    await misbehave(cluster, [{ respond: { text: 'Done, as asked.' } }]);
    if (swarms > 0) await many(cluster, swarms, options);
    if (tasks > 0) await large(cluster, swarms + 1, wideGraph(random, `load ${seed}`, tasks), say);
    await recordLeftovers(cluster);
    await recordSpend(cluster);
  } finally {
    await cluster?.remove();
    await ground.stop();
  }
  return verdictOf('load', seed, history);
}

async function many(cluster: Cluster, swarms: number, { seed, say }: LoadOptions): Promise<void> {
  const numbers = Array.from({ length: swarms }, (_, index) => index + 1);
  const ids: string[] = [];
  const begun = Date.now();
  await Promise.all(
    Array.from({ length: CREATORS }, async () => {
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
        const { objective, options } = oneTask(`load ${seed} number ${number}`);
        ids.push(await createSwarm(cluster, number, objective, options));
      }
    }),
  );
  say(`${swarms} swarms were accepted in ${seconds(begun)} s.`);
  for (const swarmId of ids) await awaitEnd(cluster, swarmId, left(begun));
  say(`They had ended after ${seconds(begun)} s.`);
  for (const swarmId of ids) await readFinal(cluster, swarmId);
}

async function large(
  cluster: Cluster,
  number: number,
  { objective, options }: ReturnType<typeof wideGraph>,
  say: (text: string) => void,
): Promise<void> {
  const begun = Date.now();
  const swarmId = await createSwarm(cluster, number, objective, options);
  say(`A graph of ${options.tasks?.length} tasks was accepted after ${seconds(begun)} s.`);
  const reading = new AbortController();
  const reader = followSwarm(cluster, swarmId, 'reader-of-all', reading.signal);
  const ended = await awaitEnd(cluster, swarmId, left(begun));
  say(`It had ended after ${seconds(begun)} s.`);
  const timer = setTimeout(() => reading.abort(), ended ? left(begun) : 0);
  await reader;
  clearTimeout(timer);
  // Its stream keeps only the newest events: whoever followed from the beginning has them all.
  const log = ofKind(cluster.history.entries, 'event')
    .filter(({ event }) => event.swarmId === swarmId)
    .map(({ event }) => event);
  await readFinal(cluster, swarmId, log);
}

const seconds = (since: number) => ((Date.now() - since) / 1000).toFixed(1);
const left = (since: number) => Math.max(0, since + ALL_END_DEADLINE_MS - Date.now());
