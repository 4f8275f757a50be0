import { taskJobSchema } from '@claude-flow/core/contracts/jobs';
import type { TaskResult, TaskSpec } from '@claude-flow/core/domain/task';
import { consume } from '@claude-flow/core/queue/consumer';
import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { createQueues } from '@claude-flow/core/queue/queues';
import { createRedis } from '@claude-flow/core/redis/connect';
import { storeArtifact } from '@claude-flow/core/store/artifacts';
import { completeTask } from '@claude-flow/core/store/completions';
import { createLedger, type Ledger } from '@claude-flow/core/store/ledger';
import { claimTask, failTask, type TaskClaim } from '@claude-flow/core/store/tasks';
import type { TestRedis } from '@claude-flow/testing/redis';

export interface MiniWorker {
  ledger: Ledger;
  /** Tasks in the order in which they were begun: their keys. */
  begun: string[];
  stop(): Promise<void>;
}

export interface MiniWorkerOptions {
  /** Files that a task leaves, by its key. */
  files?: Record<string, { path: string; content: Buffer }[]>;
  /** Awaited while the task runs. */
  during?: (spec: TaskSpec, claim: TaskClaim) => Promise<void>;
  /** Keys of tasks that fail, for good. */
  failing?: string[];
  quality?: number;
  /** What a task hands in. */
  output?: (spec: TaskSpec) => string;
}

let tokens = 0;

/** Takes real jobs and finishes them at once: the workers' side of the ledger without a model. */
export function startMiniWorker(redis: TestRedis, options: MiniWorkerOptions = {}): MiniWorker {
  const connect = (name: string) => createRedis({ url: redis.url, name, mode: 'patient' });
  const connection = connect('mini-worker');
  const blocking = connect('mini-worker-jobs');
  const ledger = createLedger({ redis: connection, prefix: redis.prefix });
  const queues = createQueues(connection, ledger.keys.queuePrefix, () => undefined);
  const begun: string[] = [];

  async function run(spec: TaskSpec, claim: TaskClaim): Promise<void> {
    begun.push(spec.key);
    await options.during?.(spec, claim);
    if (options.failing?.includes(spec.key)) {
      await failTask(ledger, claim, {
        code: 'model_refused',
        message: 'It would not.',
        retryable: false,
        delayMs: 0,
      });
      return;
    }
    const files = options.files?.[spec.key] ?? [];
    const artifacts = [];
    for (const file of files)
      artifacts.push(await storeArtifact(ledger, claim, { ...file, mode: 0o644 }, true));
    const result: TaskResult = {
      summary: `summary of ${spec.key}`,
      decisions: [`decided ${spec.key}`],
      output: options.output?.(spec) ?? `output of ${spec.key}`,
      openQuestions: [],
      artifacts,
      quality: options.quality ?? null,
    };
    await completeTask(ledger, claim, result, {
      name: spec.name,
      agentType: spec.agentType,
      summary: result.summary,
      durationMs: 1,
      turns: 0,
      ...{ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
      artifacts: artifacts.map(({ path }) => path),
    });
  }

  const consumer = consume({
    queue: 'task',
    prefix: ledger.keys.queuePrefix,
    redis: blocking,
    schema: taskJobSchema,
    concurrency: 5,
    async handle(job) {
      tokens += 1;
      const claimed = await claimTask(ledger, { ...job, token: `mini-${tokens}`, workerId: 'mini-worker' });
      if (!claimed.claimed) return;
      await run(claimed.spec, claimed.claim);
      await dispatchSwarm({ ledger, queues }, job.swarmId);
    },
    onError: () => undefined,
  });
  return {
    ledger,
    begun,
    async stop() {
      await consumer.close();
      await queues.close();
      connection.disconnect();
      blocking.disconnect();
    },
  };
}
