import type { PlannedTask } from '@claude-flow/core/contracts/plan';
import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { newSwarmId } from '@claude-flow/core/domain/ids';
import { planToTasks } from '@claude-flow/core/domain/plan-to-tasks';
import type { TaskState } from '@claude-flow/core/domain/task';
import { createQueues, type Queues } from '@claude-flow/core/queue/queues';
import { createRedis, type RedisClient } from '@claude-flow/core/redis/connect';
import { queueKey } from '@claude-flow/core/redis/keys';
import { createLogger, type Logger } from '@claude-flow/core/runtime/logger';
import { createMetrics, type Metrics } from '@claude-flow/core/runtime/metrics';
import { readEvents } from '@claude-flow/core/store/events';
import { createLedger, type Ledger } from '@claude-flow/core/store/ledger';
import { claimPlan, storePlan } from '@claude-flow/core/store/plans';
import { createSwarm, type NewSwarm } from '@claude-flow/core/store/swarms';
import { getTask } from '@claude-flow/core/store/task-reads';
import { startTestRedis, type TestRedis, type TestRedisOptions } from '@claude-flow/testing/redis';

/** A real Redis with the real scripts on it, and what tests of the loops do again and again. */
export interface Bench {
  server: TestRedis;
  ledger: Ledger;
  queues: Queues;
  metrics: Metrics;
  log: Logger;
  /** None: leases count at once, though no script came for a while. */
  leasesCountAfterMs: number;
  /** One more connection, closed with the bench. */
  connect(name: string): RedisClient;
  /** What `createSwarm` makes, but for its id. */
  newSwarm: Omit<NewSwarm, 'id'>;
  /** A swarm that waits for its plan, created long enough ago to be looked after. */
  createSwarm(changes?: Partial<NewSwarm>): Promise<string>;
  /** A swarm with these tasks, `key: keys it depends on`. */
  createPlanned(graph: Record<string, string[]>, changes?: Partial<NewSwarm>): Promise<string>;
  task(swarmId: string, taskId: string): Promise<TaskState>;
  events(swarmId: string): Promise<SwarmEvent[]>;
  /** Removes what earlier tests left: a queue that is not short keeps everybody waiting. */
  emptyQueue(): Promise<void>;
  /** How often the sweep reported a verdict so far. */
  verdicts(verdict: string): Promise<number>;
  close(): Promise<void>;
}

const CREATED_AGO_MS = 10_000;

export async function startBench(options: TestRedisOptions = {}): Promise<Bench> {
  const server = await startTestRedis(options);
  const connections: RedisClient[] = [];
  const connect = (name: string): RedisClient => {
    const redis = createRedis({ url: server.url, name, mode: 'patient' });
    connections.push(redis);
    return redis;
  };
  const redis = connect('ledger');
  const metrics = createMetrics('test');
  const ledger = createLedger({ redis, prefix: server.prefix, metrics });
  const queues = createQueues(redis, ledger.keys.queuePrefix, () => undefined);
  const log = createLogger({ service: 'test', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

  const newSwarm: Omit<NewSwarm, 'id'> = {
    owner: 'tester',
    name: 'Test swarm',
    objective: 'Build a REST API for user management',
    strategy: 'development',
    mode: 'centralized',
    maxAgents: 5,
    timeoutMs: 300_000,
    parallel: true,
    options: {},
  };
  const bench: Bench = {
    server,
    newSwarm,
    ledger,
    queues,
    metrics,
    log,
    leasesCountAfterMs: 0,
    connect,
    async createSwarm(changes = {}) {
      const createdAt = Date.now() - CREATED_AGO_MS;
      const id = newSwarmId(createdAt);
      await createSwarm(ledger, { ...newSwarm, id, ...changes }, createdAt);
      return changes.id ?? id;
    },
    async createPlanned(graph, changes) {
      const swarmId = await bench.createSwarm(changes);
      const drafts = Object.entries(graph).map(([key, dependsOn]) => ({ ...plannedTask(key), dependsOn }));
      await claimPlan(ledger, swarmId, 'bench');
      await storePlan(ledger, swarmId, 'bench', {
        source: 'template',
        degraded: false,
        summary: 'A plan of the bench',
        tasks: planToTasks(drafts, { timeoutMs: 60_000, maxRetries: 3 }),
      });
      return swarmId;
    },
    async task(swarmId, taskId) {
      const view = await getTask(ledger, swarmId, taskId);
      if (view === undefined) throw new Error(`there is no ${taskId}`);
      return view.state;
    },
    events: (swarmId) => readEvents(ledger, swarmId, 0, 1_000),
    async emptyQueue() {
      await queues.task.drain();
      const rings = (['turns', 'waiting', 'granted'] as const).map((name) =>
        queueKey(ledger.keys.queuePrefix, name),
      );
      await redis.del(...rings);
    },
    async verdicts(verdict) {
      const { values } = await metrics.sweepVerdicts.get();
      return values.find((value) => value.labels['verdict'] === verdict)?.value ?? 0;
    },
    async close() {
      await queues.close();
      for (const connection of connections) connection.disconnect();
      await server.stop();
    },
  };
  return bench;
}

function plannedTask(key: string): PlannedTask {
  return {
    key,
    name: `Task ${key}`,
    description: `Do what ${key} says`,
    type: 'coding',
    agentType: 'coder',
    priority: 'normal',
    dependsOn: [],
    expectedOutput: 'Something',
  };
}
