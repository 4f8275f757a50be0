import type { Cluster } from '../harness/cluster.ts';
import { approveAll, awaitEnd, createSwarm, followSwarm, readFinal } from '../harness/swarms.ts';
import { SWARM_END_DEADLINE_MS } from '../harness/tunables.ts';
import type { Workload } from '../workloads.ts';

/** A swarm on its way, with a reader of its events. */
export interface RunningSwarm {
  swarmId: string;
  /** Resolves when it has ended and the reader has all, or at the deadline; `readFinal` then tells which. */
  settled: Promise<void>;
  /** Ends readers that wait for an event in vain. */
  reading: AbortSignal;
}

/** Creates a swarm, however often it takes, and follows it. */
export async function launchSwarm(
  cluster: Cluster,
  number: number,
  { objective, options, asking = false }: Workload,
  deadlineMs = SWARM_END_DEADLINE_MS,
): Promise<RunningSwarm> {
  const swarmId = await createSwarm(cluster, number, objective, options);
  const reading = new AbortController();
  const reader = followSwarm(cluster, swarmId, `reader-${number}`, reading.signal);
  const deciding = new AbortController();
  const decider = asking ? approveAll(cluster, swarmId, deciding.signal) : undefined;
  const settled = (async () => {
    const ended = await awaitEnd(cluster, swarmId, deadlineMs);
    deciding.abort();
    await decider;
    // The reader ends by itself with the swarm's last event.
    const timer = setTimeout(() => reading.abort(), ended ? deadlineMs : 0);
    await reader;
    clearTimeout(timer);
  })();
  return { swarmId, settled, reading: reading.signal };
}

/** Waits for swarms to end, and reads what became of them. */
export async function readAllFinal(cluster: Cluster, swarms: readonly RunningSwarm[]): Promise<void> {
  for (const { swarmId, settled } of swarms) {
    await settled;
    await readFinal(cluster, swarmId);
  }
}

/** Runs one swarm from creation to the final reads. */
export async function runSwarm(cluster: Cluster, number: number, workload: Workload): Promise<string> {
  const running = await launchSwarm(cluster, number, workload);
  await readAllFinal(cluster, [running]);
  return running.swarmId;
}
