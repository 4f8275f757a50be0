import type { PlannedTask, StoredPlan } from '../src/contracts/plan.ts';
import { newSwarmId, taskId } from '../src/domain/ids.ts';
import type { TaskResult, TaskSpec, Usage } from '../src/domain/task.ts';
import { connectRedis } from '../src/redis/connect.ts';
import { readEvents } from '../src/store/events.ts';
import { createLedger, type Ledger } from '../src/store/ledger.ts';
import { claimPlan, storePlan } from '../src/store/plans.ts';
import { createSwarm, type NewSwarm } from '../src/store/swarms.ts';
import {
  type ClaimResult,
  claimTask,
  dispatchTasks,
  type QueuedTask,
  type TaskClaim,
} from '../src/store/tasks.ts';

export async function openLedger(url: string, prefix: string): Promise<Ledger> {
  const redis = await connectRedis({ url, name: 'core-test', mode: 'patient' });
  return createLedger({ redis, prefix });
}

export function newSwarmRecord(over: Partial<NewSwarm> = {}): NewSwarm {
  return {
    id: newSwarmId(Date.now()),
    owner: 'tester',
    name: 'A swarm',
    objective: 'Do the thing well',
    strategy: 'auto',
    mode: 'centralized',
    maxAgents: 5,
    timeoutMs: 300_000,
    parallel: true,
    options: { includeTests: true },
    ...over,
  };
}

export async function newSwarm(ledger: Ledger, over: Partial<NewSwarm> = {}): Promise<string> {
  const record = newSwarmRecord(over);
  await createSwarm(ledger, record, Date.now());
  return record.id;
}

/** A graph in short: `{ a: [], b: ['a'] }` is two tasks, the second after the first. */
export function graph(
  edges: Record<string, string[]>,
  over: Partial<TaskSpec> & { agentTypes?: Record<string, PlannedTask['agentType']> } = {},
): TaskSpec[] {
  const { agentTypes, ...rest } = over;
  const keys = Object.keys(edges);
  const idOf = (key: string) => taskId(keys.indexOf(key) + 1);
  return keys.map((key, index) => ({
    id: idOf(key),
    key,
    sequence: index + 1,
    name: `Task ${key}`,
    description: `Do ${key} properly`,
    type: 'custom',
    agentType: agentTypes?.[key] ?? 'coder',
    priority: 2,
    dependencies: (edges[key] ?? []).map(idOf),
    requirements: { capabilities: [], tools: [], permissions: ['read', 'write'] },
    onFailure: 'skip-dependents',
    timeoutMs: 60_000,
    maxRetries: 2,
    ...rest,
  }));
}

export const DIAMOND = { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] };

export async function plan(
  ledger: Ledger,
  swarmId: string,
  tasks: TaskSpec[],
  over: Partial<StoredPlan> = {},
) {
  await claimPlan(ledger, swarmId, 'planner');
  return storePlan(ledger, swarmId, 'planner', {
    source: 'template',
    degraded: false,
    summary: 'As the test says',
    tasks,
    ...over,
  });
}

let tokens = 0;
export function claim(ledger: Ledger, task: QueuedTask, leaseMs = 10_000): Promise<ClaimResult> {
  tokens += 1;
  return claimTask(ledger, { ...task, token: `token-${tokens}`, workerId: 'worker-1', leaseMs });
}

/** Dispatches and claims whatever can run. */
export async function claimAll(ledger: Ledger, swarmId: string, leaseMs?: number): Promise<TaskClaim[]> {
  const { queued } = await dispatchTasks(ledger, swarmId, 100);
  const results = await Promise.all(queued.map((task) => claim(ledger, task, leaseMs)));
  return results.map((result) => {
    if (!result.claimed) throw new Error(`not claimed: ${result.why}`);
    return result.claim;
  });
}

/** Keys that a deleted swarm left behind, but for the one that keeps its id from coming back. */
export async function keysLeft({ redis, keys }: Ledger, swarmId: string): Promise<string[]> {
  const left = await redis.keys(`*${swarmId}*`);
  return left.filter((key) => key !== keys.swarm(swarmId, 'gone'));
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicros: 0,
};

export function result(output: string): TaskResult {
  return { summary: output, decisions: [], output, openQuestions: [], artifacts: [], quality: null };
}

/** `task.completed task_001`, ... in the order of the stream. */
export async function eventLines(ledger: Ledger, swarmId: string): Promise<string[]> {
  const events = await readEvents(ledger, swarmId, 0, 100_000);
  return events.map((event) => [event.type, event.taskId].filter(Boolean).join(' '));
}
