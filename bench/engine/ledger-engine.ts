import { randomUUID } from 'node:crypto';
import { type TaskJob, taskJobSchema } from '@claude-flow/core/contracts/jobs';
import { newSwarmId } from '@claude-flow/core/domain/ids';
import { createCompleter } from '@claude-flow/core/queue/completer';
import { type Consumer, consume } from '@claude-flow/core/queue/consumer';
import { createAndDispatch, takeTurnsSoon } from '@claude-flow/core/queue/dispatcher';
import { mayHandOver, type Slot } from '@claude-flow/core/queue/hand-over';
import { createQueues } from '@claude-flow/core/queue/queues';
import { createWorkerPlaces } from '@claude-flow/core/queue/worker-places';
import { connectRedis, createRedis } from '@claude-flow/core/redis/connect';
import { createLedger } from '@claude-flow/core/store/ledger';
import { type Claimed, claimTask } from '@claude-flow/core/store/tasks';
import { type Graph, taskCount, toTasks } from './graphs.ts';
import { type Engine, measureRun } from './measure.ts';

/** Our engine as its processes use it: every script, every event, every job; only the agent does nothing. */
export async function createLedgerEngine(
  url: string,
  graph: Graph,
  payload: string,
  places: number,
): Promise<Engine> {
  const redis = await connectRedis({ url, name: 'bench-ledger', mode: 'patient' });
  const blocking = createRedis({ url, name: 'bench-ledger-consumer', mode: 'patient' });
  const ledger = createLedger({ redis, prefix: `bench${Math.random().toString(36).slice(2, 8)}` });
  const queues = createQueues(redis, ledger.keys.queuePrefix, fail);
  const deps = { ledger, queues };
  const completer = createCompleter(deps);
  const specs = toTasks(graph);
  const dispatchMs: number[] = [];
  const finished = new Map<string, () => void>();
  const lastDone = new Map<string, number>();

  let consumer: Consumer | undefined;
  const workerPlaces = createWorkerPlaces({
    total: places,
    beside: true,
    limitJobs: (jobs) => consumer?.limit(jobs),
    onError: (error) => fail(error as Error),
  });
  /** A no-op agent does the task; then as the worker's processor does. */
  async function runTask({ claim, state }: Claimed, slot: Slot): Promise<Claimed | undefined> {
    const since = lastDone.get(claim.swarmId);
    if (since !== undefined) dispatchMs.push(performance.now() - since);
    const output = {
      summary: '',
      decisions: [],
      output: payload,
      openQuestions: [],
      artifacts: [],
      quality: null,
    };
    const done = performance.now();
    const kept = mayHandOver(slot, done, workerPlaces.free)
      ? workerPlaces.keep((state.fanOut ?? 1) - 1)
      : undefined;
    const handOver =
      kept === undefined ? undefined : { token: randomUUID(), workerId: 'bench', places: 1 + kept.count };
    const ended = await completer.complete({ claim, result: output, data: {} }, handOver);
    if (ended.freed > 0) lastDone.set(claim.swarmId, done);
    if (ended.swarmStatus === 'completed') finished.get(claim.swarmId)?.();
    const [next, ...beside] = ended.handedOver;
    kept?.use(beside.map((other) => () => runPlace(other)));
    if (next === undefined) await ended.sendOn?.();
    else ended.sendOn?.().catch(fail);
    return next;
  }

  async function runPlace(first: Claimed): Promise<void> {
    const slot: Slot = { handOvers: 0, since: performance.now() };
    for (let next: Claimed | undefined = first; next !== undefined; slot.handOvers += 1) {
      next = await runTask(next, slot);
    }
  }

  const jobs = consume({
    queue: 'task',
    prefix: ledger.keys.queuePrefix,
    redis: blocking,
    schema: taskJobSchema,
    concurrency: places,
    onError: fail,
    handle(job) {
      takeTurnsSoon(deps);
      return workerPlaces.deliver(deliver(job));
    },
  });
  consumer = jobs;

  async function deliver(job: TaskJob): Promise<void> {
    const claimed = await claimTask(ledger, { ...job, token: randomUUID(), workerId: 'bench' });
    if (!claimed.claimed) throw new Error(`a claim missed: ${claimed.why}`);
    await runPlace(claimed);
  }

  async function one(): Promise<void> {
    const id = newSwarmId(Date.now());
    const end = new Promise<void>((resolve) => {
      finished.set(id, resolve);
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
    const plan = { source: 'caller', degraded: false, summary: '', tasks: specs } as const;
    const created = await createAndDispatch(deps, swarm, Date.now(), {
      plan: { ...plan, tasks: specs },
      start: true,
    });
    await created.sendOn();
    await end;
    finished.delete(id);
    lastDone.delete(id);
    await ledger.redis.zrem(ledger.keys.activeSwarms, id);
  }

  return {
    name: 'claude-flow',
    run: (swarms, inFlight) => measureRun(redis, swarms, inFlight, taskCount(graph), dispatchMs, one),
    close: async () => {
      await jobs.close();
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
