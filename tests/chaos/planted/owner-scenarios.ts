import { waitFor } from '@claude-flow/testing/wait-for';
import type { Cluster } from '../harness/cluster.ts';
import { startHoppingReaders } from '../harness/hopping-readers.ts';
import { startIntruder } from '../harness/intruder.ts';
import { recordLeftovers } from '../harness/leftovers.ts';
import { callsFor, misbehave } from '../harness/model.ts';
import { awaitEnd, createSwarm, readFinal, stopSwarm } from '../harness/swarms.ts';
import { CREATE_DEADLINE_MS, RETRY_EVERY_MS } from '../harness/tunables.ts';
import { launchSwarm } from '../modes/run-swarm.ts';
import { createRandom } from '../random.ts';
import type { Verdict } from '../verdict.ts';
import { oneTask, smallSwarm } from '../workloads.ts';
import { inCluster, type Scenario } from './scenarios.ts';

/** Another owner tries everything with a swarm that is not theirs. */
export function curious(scenario: Scenario): Promise<Verdict> {
  return inCluster('curious', scenario, {}, async (cluster) => {
    const intruder = await startIntruder(cluster, createRandom(scenario.seed));
    const { objective, options } = oneTask(`curious ${scenario.bugs.length}`);
    const swarmId = await createSwarm(cluster, 1, objective, options);
    // An intruder that gets in stops or deletes it.
    await awaitEnd(cluster, swarmId, CREATE_DEADLINE_MS).catch(() => undefined);
    await readFinal(cluster, swarmId);
    intruder.learn(swarmId);
    await intruder.end();
  });
}

/** Readers that change between two APIs while a swarm runs. */
export function hopping(scenario: Scenario): Promise<Verdict> {
  return inCluster('hopping', scenario, { api: 2 }, async (cluster) => {
    const readers = startHoppingReaders(cluster, createRandom(scenario.seed));
    // Slow enough for some changes of the API.
    await misbehave(cluster, [{ times: 24, respond: { latencyMs: 600 } }]);
    const { swarmId, settled, reading } = await launchSwarm(
      cluster,
      1,
      smallSwarm(`hopping ${scenario.bugs.length}`),
    );
    readers.follow(swarmId, reading);
    await settled;
    await readers.done();
    await misbehave(cluster, []);
    await readFinal(cluster, swarmId);
  });
}

/** A swarm runs, and then everything that it had has to be gone. */
export function leaving(scenario: Scenario, deadlineMs: number): Promise<Verdict> {
  return inCluster('leaving', scenario, {}, async (cluster) => {
    const { swarmId, settled } = await launchSwarm(cluster, 1, oneTask(`leaving ${scenario.bugs.length}`));
    await settled;
    await readFinal(cluster, swarmId);
    await recordLeftovers(cluster, deadlineMs);
  });
}

/** Resolves when an agent of the swarm has begun a call that ends the waiting; at the deadline without one. */
async function call(
  cluster: Cluster,
  objective: string,
  { after, deadlineMs }: { after: number; deadlineMs: number },
): Promise<boolean> {
  return waitFor(async () => (await callsFor(cluster, objective)).some(({ at }) => at > after), {
    deadlineMs,
    everyMs: RETRY_EVERY_MS,
    what: `a call of the model for "${objective}"`,
  });
}

/** Later than this after the answer to a stop no call may begin. */
const STOP_WITHIN_MS = 2_000;

/**
 * The model is busy, so that calls are tried again and again; the swarm is stopped meanwhile.
 * @param watchMs how long to wait for a call that comes too late
 */
export function stoppedWhileBusy(scenario: Scenario, watchMs: number): Promise<Verdict> {
  return inCluster('stopped', scenario, {}, async (cluster) => {
    await misbehave(cluster, [{ respond: { status: 529, retryAfterSeconds: 1 } }]);
    const { objective, options } = oneTask(`stopped ${scenario.bugs.length}`);
    const swarmId = await createSwarm(cluster, 1, objective, options);
    await call(cluster, objective, { after: 0, deadlineMs: CREATE_DEADLINE_MS });
    await stopSwarm(cluster, swarmId);
    const late = { after: Date.now() + STOP_WITHIN_MS, deadlineMs: watchMs };
    await call(cluster, objective, late).catch(() => undefined);
    await misbehave(cluster, []);
    await readFinal(cluster, swarmId);
  });
}

/** Long enough for a busy machine to tell the worker to stop while it waits for the answer. */
const SLOW_ANSWER_MS = 4_000;

/** A worker is told to stop in the middle of a call; another goes on. */
export function toldToStop(scenario: Scenario): Promise<Verdict> {
  return inCluster('told-to-stop', scenario, {}, async (cluster) => {
    const [worker] = cluster.of('worker');
    if (worker === undefined) throw new Error('A worker is needed.');
    await misbehave(cluster, [{ times: 1, respond: { latencyMs: SLOW_ANSWER_MS } }]);
    const workload = oneTask(`told to stop ${scenario.bugs.length}`);
    const { swarmId, settled } = await launchSwarm(cluster, 1, workload);
    await call(cluster, workload.objective, { after: 0, deadlineMs: CREATE_DEADLINE_MS });
    await worker.signal('SIGTERM');
    await worker.restart();
    await settled;
    await readFinal(cluster, swarmId);
  });
}
