import { type Cluster, startCluster, startGround } from '../harness/cluster.ts';
import { recordLeftovers } from '../harness/leftovers.ts';
import { recordSpend } from '../harness/model.ts';
import type { ProcessKind } from '../history.ts';
import { createRandom } from '../random.ts';
import { newHistory, type RunOptions, type Verdict, verdictOf } from '../verdict.ts';
import { askingSwarm, plannedSwarm, smallSwarm, type Workload } from '../workloads.ts';
import { runSwarm } from './run-swarm.ts';

export interface SweepOptions extends RunOptions {
  /** Default: each. */
  kinds?: ProcessKind[];
  /** At most so many commands of each kind, spread evenly; without it every one. */
  samples?: number;
  /** Clusters that work side by side: they mostly wait for leases. */
  cells?: number;
  /** With agents that ask people before they write. */
  asking?: boolean;
}

interface Point {
  kind: ProcessKind;
  n: number;
  act: 'kill-before' | 'kill-after';
}

/** A scheduler's work is planning; the others are swept with a graph of the caller. */
const workloadFor = (kind: ProcessKind, label: string, asking: boolean): Workload => {
  if (asking) return askingSwarm(label);
  return kind === 'scheduler' ? plannedSwarm(label) : smallSwarm(label);
};

/**
 * Kills a process exactly before, and exactly after, its n-th Redis command of a small swarm's run, for every n (or a
 * sample), starts it again at once, and lets the swarm end.
 */
export async function sweep(options: SweepOptions): Promise<Verdict> {
  const { seed, say, kinds = ['worker', 'scheduler', 'api'], cells = 4, asking = false } = options;
  const history = newHistory(asking ? 'approvals' : 'sweep', seed);
  const random = createRandom(seed);
  const ground = await startGround({ latencyMs: 5, seed });
  const clusters: Cluster[] = [];
  let swarms = 0;
  const nextLabel = () => {
    swarms += 1;
    return { number: swarms, label: `sweep ${seed} number ${swarms}` };
  };
  try {
    const first = await startCluster({ ground, history });
    clusters.push(first);
    const points: Point[] = [];
    for (const kind of kinds) {
      const total = await countCommands(first, kind, nextLabel(), asking);
      const step = options.samples === undefined ? 1 : Math.max(1, total / options.samples);
      const offset = options.samples === undefined ? 1 : 1 + random.next() * (step - 1);
      for (let n = offset; n <= total; n += step) {
        const acts = ['kill-before', 'kill-after'] as const;
        const chosen = options.samples === undefined ? acts : [random.pick(acts)];
        points.push(...chosen.map((act) => ({ kind, n: Math.floor(n), act })));
      }
      say(`A ${kind} sends ${total} commands to Redis in the run of a small swarm.`);
    }
    say(`${points.length} runs, each with one kill, in ${cells} clusters side by side.`);
    const more = Array.from({ length: Math.min(cells, points.length) - 1 }, () =>
      startCluster({ ground, history }).then((cluster) => clusters.push(cluster)),
    );
    await Promise.all(more);

    const queue = [...points];
    let done = 0;
    let unreached = 0;
    await Promise.all(
      clusters.map(async (cluster) => {
        for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
          if (!(await probe(cluster, point, nextLabel(), asking))) unreached += 1;
          done += 1;
          if (done % 25 === 0) say(`${done} of ${points.length} runs done.`);
        }
        await recordLeftovers(cluster);
      }),
    );
    if (unreached > 0) say(`${unreached} runs ended before they came to their command.`);
    await recordSpend(first);
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.remove()));
    await ground.stop();
  }
  return verdictOf(asking ? 'approvals' : 'sweep', seed, history);
}

function victimOf(cluster: Cluster, kind: ProcessKind) {
  const [slot] = cluster.of(kind);
  if (slot === undefined) throw new Error(`The cluster has no ${kind}.`);
  return slot;
}

async function countCommands(
  cluster: Cluster,
  kind: ProcessKind,
  { number, label }: { number: number; label: string },
  asking: boolean,
): Promise<number> {
  const { proxy } = victimOf(cluster, kind);
  proxy.resetCount();
  await runSwarm(cluster, number, workloadFor(kind, label, asking));
  return proxy.count;
}

/** @returns whether the run came to its command */
async function probe(
  cluster: Cluster,
  { kind, n, act }: Point,
  { number, label }: { number: number; label: string },
  asking: boolean,
): Promise<boolean> {
  const victim = victimOf(cluster, kind);
  const { workerId } = victim;
  victim.proxy.resetCount();
  const restarted = victim.proxy.trap({ n, act }).then(({ command, at }) => {
    cluster.history.add({
      kind: 'action',
      action: act,
      target: victim.name,
      at,
      ...(kind === 'worker' ? { workerId } : {}),
      detail: `command ${n}: ${command.name} ${command.args[0] ?? ''}`,
    });
    return victim.restart();
  });
  await runSwarm(cluster, number, workloadFor(kind, label, asking));
  // The command may have come in the last moment, and the kill be under way: the next run needs a process that lives.
  if (victim.proxy.disarm()) return false;
  await restarted;
  return true;
}
