import type { PrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { Redis } from 'ioredis';
import { type Cluster, type ClusterOptions, startCluster, startModel } from '../harness/cluster.ts';
import { recordSpend } from '../harness/model.ts';
import { readFinal, readLog } from '../harness/swarms.ts';
import { RETRY_EVERY_MS } from '../harness/tunables.ts';
import { launchSwarm } from '../modes/run-swarm.ts';
import { newHistory, type Verdict, verdictOf } from '../verdict.ts';
import { oneTask } from '../workloads.ts';
import { type Bug, plant } from './plant.ts';

/** Lease, sweep, and a second attempt. */
const SECOND_ATTEMPT_DEADLINE_MS = 40_000;

/** What every call of the model takes at least. */
const MODEL_LATENCY_MS = 5;

export interface Scenario {
  /** May be shared: each scenario has its own prefix in it. */
  redis: PrivateRedis;
  bugs: readonly Bug[];
  seed: number;
}

/** Plays in a system of its own, with a model of its own: others may play beside it. */
export async function inCluster(
  name: string,
  { redis, bugs, seed }: Scenario,
  count: NonNullable<ClusterOptions['count']>,
  play: (cluster: Cluster) => Promise<void>,
): Promise<Verdict> {
  const history = newHistory(name, seed);
  const nodeArgs = bugs.length === 0 ? [] : plant(bugs);
  const mock = await startModel({ latencyMs: MODEL_LATENCY_MS, seed });
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster({
      ground: { redis, mock, stop: async () => void (await mock.stop()) },
      history,
      count,
      // A process that does not load a bug's file runs without it.
      nodeArgs: { api: nodeArgs, scheduler: nodeArgs, worker: nodeArgs },
    });
    await play(cluster);
    await recordSpend(cluster);
    await cluster.stopProcesses();
  } finally {
    await cluster?.remove();
    await mock.stop();
  }
  return verdictOf(name, seed, history);
}

/**
 * A worker's result hangs in the network while its lease ends and another worker does the task; then it arrives after all.
 */
export function lateResult(scenario: Scenario): Promise<Verdict> {
  return inCluster('late-result', scenario, { worker: 1 }, async (cluster) => {
    const [first] = cluster.of('worker');
    const [api] = cluster.of('api');
    if (first === undefined || api === undefined) throw new Error('A worker and an API are needed.');
    let held = false;
    const trapped = first.proxy.trap({
      n: 1,
      act: 'hold',
      // The result's JSON is the one argument that names a summary.
      match: ({ args }) => args.some((arg) => arg.startsWith('{"summary"')),
    });
    const { swarmId, settled } = await launchSwarm(
      cluster,
      1,
      oneTask(`late result ${scenario.bugs.length}`),
    );
    void trapped.then(() => {
      held = true;
    });
    await waitFor(() => held, {
      deadlineMs: SECOND_ATTEMPT_DEADLINE_MS,
      what: 'the result of the first attempt',
    });
    cluster.history.add({ kind: 'action', action: 'hold', target: first.name, workerId: first.workerId });
    await cluster.add('worker');
    const completions = async () =>
      (await readLog(api.url, swarmId)).filter(({ type }) => type === 'task.completed').length;
    await waitFor(async () => (await completions()) > 0, {
      deadlineMs: SECOND_ATTEMPT_DEADLINE_MS,
      everyMs: RETRY_EVERY_MS,
      what: 'the second attempt to complete',
    });
    first.proxy.mode('pass');
    cluster.history.add({ kind: 'action', action: 'pass', target: first.name, workerId: first.workerId });
    // What was held is in Redis once the worker, told to stop, has closed its connections behind it.
    await first.stop(SECOND_ATTEMPT_DEADLINE_MS);
    await settled;
    await readFinal(cluster, swarmId);
  });
}

/** A queue loses its jobs, as after a fail-over to a replica that lagged: only the ledger still knows of them. */
export function lostJob(scenario: Scenario & { deadlineMs: number }): Promise<Verdict> {
  return inCluster('lost-job', scenario, { worker: 0 }, async (cluster) => {
    const { swarmId, settled } = await launchSwarm(
      cluster,
      1,
      oneTask(`lost job ${scenario.bugs.length}`),
      scenario.deadlineMs,
    );
    const redis = new Redis(cluster.ground.redis.url);
    const job = `{${cluster.prefix}-queue}:task:*task_001*`;
    const keys = await waitFor(
      async () => {
        const found = await redis.keys(job);
        return found.length > 0 ? found : undefined;
      },
      { deadlineMs: SECOND_ATTEMPT_DEADLINE_MS, what: 'the job of the task' },
    );
    await redis.unlink(...(await redis.keys(`{${cluster.prefix}-queue}:task:*`)));
    redis.disconnect();
    cluster.history.add({ kind: 'action', action: 'job-lost', target: 'queue', detail: keys.join(', ') });
    await cluster.add('worker');
    await settled;
    await readFinal(cluster, swarmId);
  });
}
