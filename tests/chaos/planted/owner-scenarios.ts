import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@claude-flow/testing/wait-for';
import type { Cluster } from '../harness/cluster.ts';
import { startHoppingReaders } from '../harness/hopping-readers.ts';
import { startIntruder } from '../harness/intruder.ts';
import { recordLeftovers } from '../harness/leftovers.ts';
import { misbehave, resetModel } from '../harness/model.ts';
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

const callsOf = async ({ ground }: Cluster): Promise<number> =>
  ((await (await fetch(`${ground.mock.url}/_mock/stats`)).json()) as { calls: number }).calls;

/** The model is busy, so that calls are tried again and again; the swarm is stopped meanwhile. */
export function stoppedWhileBusy(scenario: Scenario, watchMs: number): Promise<Verdict> {
  return inCluster('stopped', scenario, {}, async (cluster) => {
    await misbehave(cluster, [{ respond: { status: 529, retryAfterSeconds: 1 } }]);
    const { objective, options } = oneTask(`stopped ${scenario.bugs.length}`);
    const before = await callsOf(cluster);
    const swarmId = await createSwarm(cluster, 1, objective, options);
    await waitFor(async () => (await callsOf(cluster)) > before, {
      deadlineMs: CREATE_DEADLINE_MS,
      what: 'the first call of the model',
    });
    await stopSwarm(cluster, swarmId);
    // Calls that come after all come now; that none comes cannot be waited for otherwise.
    await delay(watchMs);
    await misbehave(cluster, []);
    await readFinal(cluster, swarmId);
  });
}

/** A worker is told to stop in the middle of a call; another goes on. */
export function toldToStop(scenario: Scenario): Promise<Verdict> {
  return inCluster('told-to-stop', scenario, {}, async (cluster) => {
    const [worker] = cluster.of('worker');
    if (worker === undefined) throw new Error('A worker is needed.');
    await resetModel(cluster);
    await misbehave(cluster, [{ times: 1, respond: { latencyMs: 1_500 } }]);
    const before = await callsOf(cluster);
    const { swarmId, settled } = await launchSwarm(
      cluster,
      1,
      oneTask(`told to stop ${scenario.bugs.length}`),
    );
    await waitFor(async () => (await callsOf(cluster)) > before, {
      deadlineMs: CREATE_DEADLINE_MS,
      everyMs: RETRY_EVERY_MS,
      what: 'the first call of the model',
    });
    await worker.signal('SIGTERM');
    await worker.restart();
    await settled;
    await readFinal(cluster, swarmId);
  });
}
