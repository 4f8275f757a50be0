import { randomBytes } from 'node:crypto';
import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { newSwarmId, taskId } from '@claude-flow/core/domain/ids';
import type { TaskSpec } from '@claude-flow/core/domain/task';
import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { createQueues, type Queues } from '@claude-flow/core/queue/queues';
import { connectRedis } from '@claude-flow/core/redis/connect';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { createMetrics } from '@claude-flow/core/runtime/metrics';
import { readEvents } from '@claude-flow/core/store/events';
import { createLedger, type Ledger } from '@claude-flow/core/store/ledger';
import { claimPlan, storePlan } from '@claude-flow/core/store/plans';
import { createSwarm, getSwarm, type NewSwarm, startSwarm } from '@claude-flow/core/store/swarms';
import { getTask, type TaskView } from '@claude-flow/core/store/task-reads';
import { reclaimTask } from '@claude-flow/core/store/tasks';
import { startTestRedis, type TestRedis, type TestRedisOptions } from '@claude-flow/testing/redis';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { waitFor } from '@claude-flow/testing/wait-for';
import { loadWorkerConfig } from '../src/config.ts';
import { type RunningWorker, startWorker } from '../src/worker.ts';

export interface Fixture {
  redis: TestRedis;
  ledger: Ledger;
  queues: Queues;
  /** Where workers of this test keep their workspaces. */
  workspaceRoot: string;
  /** The environment of a worker. */
  env(over?: Record<string, string>): Record<string, string>;
  /** A worker in this process; ended with the test. */
  worker(modelUrl: string, over?: Record<string, string>): Promise<RunningWorker>;
  /** A swarm of such tasks, started, its roots queued. */
  swarm(tasks: Partial<TaskSpec>[], objective?: string, over?: Partial<NewSwarm>): Promise<string>;
  events(swarmId: string): Promise<SwarmEvent[]>;
  /** `task.completed task_001`, ... in the order of the stream. */
  lines(swarmId: string): Promise<string[]>;
  task(swarmId: string, id?: string): Promise<TaskView>;
  /** Waits for an event of this type. */
  seen(swarmId: string, type: string, id?: string): Promise<SwarmEvent>;
  /** Waits until the swarm has ended, sending due retries on as a scheduler would. */
  ended(swarmId: string): Promise<string>;
  /** What a scheduler does when a worker is lost: the lease is over, and the next attempt is queued. */
  loseWorker(swarmId: string, id?: string): Promise<void>;
  close(): Promise<void>;
}

const DEADLINE_MS = 20_000;

export async function openFixture(options: TestRedisOptions = {}): Promise<Fixture> {
  const redis = await startTestRedis(options);
  const folder = await createTempFolder('worker');
  const connection = await connectRedis({ url: redis.url, name: 'worker-test', mode: 'patient' });
  const ledger = createLedger({ redis: connection, prefix: redis.prefix });
  const queues = createQueues(connection, ledger.keys.queuePrefix, () => undefined);
  const workers: RunningWorker[] = [];
  const deps = { ledger, queues };

  const env: Fixture['env'] = (over = {}) => ({
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    ANTHROPIC_API_KEY: 'simulated',
    WORKSPACE_ROOT: folder.path,
    LOG_LEVEL: 'warn',
    ...over,
  });
  const task: Fixture['task'] = async (swarmId, id = 'task_001') => {
    const view = await getTask(ledger, swarmId, id);
    if (view === undefined) throw new Error(`no ${id}`);
    return view;
  };
  const events: Fixture['events'] = (swarmId) => readEvents(ledger, swarmId, 0, 10_000);

  return {
    redis,
    ledger,
    queues,
    workspaceRoot: folder.path,
    env,
    async worker(modelUrl, over = {}) {
      const config = loadWorkerConfig(env({ ANTHROPIC_BASE_URL: modelUrl, ...over }));
      const log = createLogger({ service: 'worker-test', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
      const worker = await startWorker(config, { log, metrics: createMetrics('worker-test') });
      workers.push(worker);
      return worker;
    },
    async swarm(tasks, objective = 'Build a REST API for user management', changes = {}) {
      const id = newSwarmId(Date.now());
      const token = randomBytes(8).toString('hex');
      await createSwarm(ledger, { ...SWARM, id, objective, ...changes }, Date.now());
      await claimPlan(ledger, id, token);
      const specs = tasks.map((over, index) => ({ ...taskSpec(index + 1), ...over }));
      const plan = { source: 'caller' as const, degraded: false, summary: 'As the test says', tasks: specs };
      await storePlan(ledger, id, token, plan);
      await startSwarm(ledger, id);
      await dispatchSwarm(deps, id);
      return id;
    },
    events,
    async lines(swarmId) {
      return (await events(swarmId)).map((event) => [event.type, event.taskId].filter(Boolean).join(' '));
    },
    task,
    seen: (swarmId, type, id) =>
      waitFor(
        async () =>
          (await events(swarmId)).find(
            (event) => event.type === type && (id === undefined || event.taskId === id),
          ),
        { deadlineMs: DEADLINE_MS, what: `${type} ${id ?? ''}` },
      ),
    ended: (swarmId) =>
      waitFor(
        async () => {
          await dispatchSwarm(deps, swarmId);
          const status = (await getSwarm(ledger, swarmId))?.status;
          return status === 'completed' || status === 'failed' || status === 'stopped' ? status : undefined;
        },
        { deadlineMs: DEADLINE_MS, what: 'the swarm to end' },
      ),
    async loseWorker(swarmId, id = 'task_001') {
      const { token = '' } = (await task(swarmId, id)).state;
      // A heartbeat in between renews the lease.
      const outcome = await waitFor(
        async () => {
          await connection.zadd(ledger.keys.swarm(swarmId, 'running'), 'XX', 1, id);
          return reclaimTask(ledger, { swarmId, taskId: id, token });
        },
        { deadlineMs: DEADLINE_MS, what: `${id} to be reclaimed` },
      );
      if (outcome !== 'retrying') throw new Error(`${id} was not reclaimed: ${outcome}`);
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.drain()));
      await Promise.all(workers.map((worker) => worker.close()));
      await queues.close();
      connection.disconnect();
      await redis.stop();
      await folder.remove();
    },
  };
}

const SWARM = {
  owner: 'tester',
  name: 'A swarm',
  strategy: 'development',
  mode: 'centralized',
  maxAgents: 5,
  timeoutMs: 300_000,
  parallel: true,
  options: {},
} as const;

function taskSpec(sequence: number): TaskSpec {
  return {
    id: taskId(sequence),
    key: `t${sequence}`,
    sequence,
    name: `Implement part ${sequence}`,
    description: 'Implement this part of the objective completely',
    type: 'coding',
    agentType: 'coder',
    priority: 2,
    dependencies: [],
    requirements: { capabilities: [], tools: [], permissions: ['read', 'write'] },
    onFailure: 'skip-dependents',
    timeoutMs: 60_000,
    maxRetries: 2,
  };
}

/** Tells the offline model how to behave; `{ rules: [] }` is back to normal. */
export async function scenario(modelUrl: string, rules: object[]): Promise<void> {
  const response = await fetch(`${modelUrl}/_mock/scenario`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules }),
  });
  if (!response.ok) throw new Error(await response.text());
}

export interface ModelStats {
  calls: number;
  completed: number;
  inFlight: number;
  repeatedPrefixes: number;
}

export async function modelStats(modelUrl: string): Promise<ModelStats> {
  return (await (await fetch(`${modelUrl}/_mock/stats`)).json()) as ModelStats;
}
