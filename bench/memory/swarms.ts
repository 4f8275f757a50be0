import { taskJobSchema } from '@claude-flow/core/contracts/jobs';
import { newSwarmId } from '@claude-flow/core/domain/ids';
import { consume } from '@claude-flow/core/queue/consumer';
import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { createQueues } from '@claude-flow/core/queue/queues';
import { connectRedis, createRedis, type RedisClient } from '@claude-flow/core/redis/connect';
import { createFeed } from '@claude-flow/core/relay/feed';
import { storeArtifact } from '@claude-flow/core/store/artifacts';
import { completeTask } from '@claude-flow/core/store/completions';
import { appendJournal } from '@claude-flow/core/store/journal';
import { createLedger } from '@claude-flow/core/store/ledger';
import { appendLog } from '@claude-flow/core/store/logs';
import { storePlan } from '@claude-flow/core/store/plans';
import { createSwarm, deleteSwarm, startSwarm } from '@claude-flow/core/store/swarms';
import { claimTask } from '@claude-flow/core/store/tasks';
import { DIAMOND, toTasks } from '../engine/graphs.ts';

export interface SwarmRunner {
  redis: RedisClient;
  /** Runs that many swarms to their end, some at a time. @returns their ids */
  run(count: number): Promise<string[]>;
  /** What expiry does after seven days. */
  remove(swarmIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const IN_FLIGHT = 20;
/** What one agent's turn leaves behind, in bytes: a journal entry, and a file that the next version replaces. */
const ENTRY = 'x'.repeat(4_096);
const FILE_BYTES = 2_048;

/** Small swarms as API, scheduler and workers run them, all in this process: queue, journal, files, logs, a live reader. */
export async function createSwarmRunner(url: string): Promise<SwarmRunner> {
  const connect = (name: string) => createRedis({ url, name, mode: 'patient' });
  const redis = await connectRedis({ url, name: 'bench-memory', mode: 'patient' });
  const blocking = connect('bench-memory-consumer');
  const ledger = createLedger({ redis, prefix: 'bench-memory' });
  const queues = createQueues(redis, ledger.keys.queuePrefix, fail);
  const feed = createFeed(ledger, connect('bench-memory-relay'), fail);
  const specs = toTasks(DIAMOND);
  const consumer = consume({
    queue: 'task',
    prefix: ledger.keys.queuePrefix,
    redis: blocking,
    schema: taskJobSchema,
    concurrency: 50,
    onError: fail,
    handle: async (job) => {
      const claimed = await claimTask(ledger, { ...job, token: `${job.taskId}`, workerId: 'bench' });
      if (!claimed.claimed) throw new Error(`a claim missed: ${claimed.why}`);
      const { claim } = claimed;
      const file = (version: number) => ({
        path: 'result.txt',
        mode: 0o644,
        content: Buffer.alloc(FILE_BYTES, `${job.swarmId} ${job.taskId} ${version}`),
      });
      await appendJournal(ledger, claim, 0, {
        kind: 'tool.finished',
        turn: 1,
        id: 'x',
        content: ENTRY,
        isError: false,
      });
      await storeArtifact(ledger, claim, file(1), false);
      const kept = await storeArtifact(ledger, claim, file(2), true);
      await appendLog(ledger, job.swarmId, { level: 'info', source: 'bench', message: 'done' });
      const result = { summary: '', decisions: [], output: ENTRY, openQuestions: [], quality: null };
      const { swarmStatus } = await completeTask(ledger, claim, { ...result, artifacts: [kept] }, {});
      if (swarmStatus === 'executing') await dispatchSwarm({ ledger, queues }, job.swarmId);
    },
  });

  async function one(): Promise<string> {
    const id = newSwarmId(Date.now());
    const swarm = {
      id,
      owner: 'bench',
      name: 'bench',
      objective: 'Leave nothing behind',
      strategy: 'auto',
      mode: 'centralized',
      maxAgents: 5,
      timeoutMs: 3_600_000,
      parallel: true,
      options: {},
    } as const;
    await createSwarm(ledger, swarm, Date.now());
    const ended = Promise.withResolvers<void>();
    const following = await feed.follow(id, 0, {
      event: ({ type }) => type === 'swarm.completed' && ended.resolve(),
    });
    await storePlan(ledger, id, 'bench', { source: 'caller', degraded: false, summary: '', tasks: specs });
    await startSwarm(ledger, id);
    await dispatchSwarm({ ledger, queues }, id);
    await ended.promise;
    following.end();
    return id;
  }

  const lanes = async (count: number, work: () => Promise<void>) => {
    let left = count;
    const lane = async () => {
      while (left > 0) {
        left -= 1;
        await work();
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  };

  return {
    redis,
    async run(count) {
      const ids: string[] = [];
      await lanes(count, async () => void ids.push(await one()));
      return ids;
    },
    async remove(swarmIds) {
      const rest = swarmIds.values();
      await lanes(swarmIds.length, async () => {
        const next = rest.next();
        if (!next.done) await deleteSwarm(ledger, next.value);
      });
    },
    async close() {
      await consumer.close();
      await queues.close();
      feed.close();
      blocking.disconnect();
      redis.disconnect();
    },
  };
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
