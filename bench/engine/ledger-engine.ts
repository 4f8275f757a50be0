import { taskJobSchema } from '@claude-flow/core/contracts/jobs';
import { newSwarmId } from '@claude-flow/core/domain/ids';
import { consume } from '@claude-flow/core/queue/consumer';
import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { createQueues } from '@claude-flow/core/queue/queues';
import { connectRedis, createRedis } from '@claude-flow/core/redis/connect';
import { CAPACITY_EVERY_MS } from '@claude-flow/core/runtime/tunables';
import { setCapacity } from '@claude-flow/core/store/admission';
import { createLedger } from '@claude-flow/core/store/ledger';
import { storePlan } from '@claude-flow/core/store/plans';
import { createSwarm, startSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, completeTask } from '@claude-flow/core/store/tasks';
import { type Graph, taskCount, toTasks } from './graphs.ts';
import { type Engine, measureRun } from './measure.ts';

const CONCURRENCY = 50;

/** Our engine as its processes use it: every script, every event, every job; only the agent does nothing. */
export async function createLedgerEngine(url: string, graph: Graph, payload: string): Promise<Engine> {
  const redis = await connectRedis({ url, name: 'bench-ledger', mode: 'patient' });
  const blocking = createRedis({ url, name: 'bench-ledger-consumer', mode: 'patient' });
  const ledger = createLedger({ redis, prefix: `bench${Math.random().toString(36).slice(2, 8)}` });
  const queues = createQueues(redis, ledger.keys.queuePrefix, fail);
  const deps = { ledger, queues };
  const specs = toTasks(graph);
  const dispatchMs: number[] = [];
  const ended = new Map<string, () => void>();
  const lastDone = new Map<string, number>();

  await setCapacity(ledger, 'bench', CONCURRENCY);
  const heartbeat = setInterval(() => void setCapacity(ledger, 'bench', CONCURRENCY), CAPACITY_EVERY_MS);
  const consumer = consume({
    queue: 'task',
    prefix: ledger.keys.queuePrefix,
    redis: blocking,
    schema: taskJobSchema,
    concurrency: CONCURRENCY,
    onError: fail,
    handle: async (job) => {
      const claimed = await claimTask(ledger, {
        ...job,
        token: `${job.taskId}.${job.attempt}`,
        workerId: 'bench',
      });
      if (!claimed.claimed) throw new Error(`a claim missed: ${claimed.why}`);
      const since = lastDone.get(job.swarmId);
      if (since !== undefined) dispatchMs.push(performance.now() - since);
      const done = performance.now();
      const output = {
        summary: '',
        decisions: [],
        output: payload,
        openQuestions: [],
        artifacts: [],
        quality: null,
      };
      const { swarmStatus, freed, load } = await completeTask(ledger, claimed.claim, output, {});
      if (freed > 0) lastDone.set(job.swarmId, done);
      await dispatchSwarm(deps, job.swarmId, load);
      if (swarmStatus === 'completed') ended.get(job.swarmId)?.();
    },
  });

  async function one(): Promise<void> {
    const id = newSwarmId(Date.now());
    const end = new Promise<void>((resolve) => {
      ended.set(id, resolve);
    });
    const swarm = {
      id,
      owner: 'bench',
      name: 'bench',
      objective: 'Be measured',
      strategy: 'auto',
      mode: 'centralized',
      maxAgents: 50,
      timeoutMs: 3_600_000,
      parallel: true,
      options: {},
    } as const;
    await createSwarm(ledger, swarm, Date.now());
    await storePlan(ledger, id, 'bench', { source: 'caller', degraded: false, summary: '', tasks: specs });
    await startSwarm(ledger, id);
    await dispatchSwarm(deps, id);
    await end;
    ended.delete(id);
    lastDone.delete(id);
    await ledger.redis.zrem(ledger.keys.activeSwarms, id);
  }

  return {
    name: 'claude-flow',
    run: (swarms, inFlight) => measureRun(redis, swarms, inFlight, taskCount(graph), dispatchMs, one),
    close: async () => {
      clearInterval(heartbeat);
      await consumer.close();
      await queues.close();
      blocking.disconnect();
      redis.disconnect();
    },
  };
}

function fail(error: Error): void {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exitCode = 1;
}
