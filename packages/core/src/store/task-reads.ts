import { taskId } from '../domain/ids.ts';
import { parseTaskState, type StoredTaskSpec, type TaskResult, type TaskState } from '../domain/task.ts';
import { readValue } from './large-values.ts';
import type { Ledger } from './ledger.ts';

export interface TaskView {
  spec: StoredTaskSpec;
  state: TaskState;
}

/** Tasks that one command reads: a few milliseconds, whatever else waits. */
const READ_AT_ONCE = 500;

/** All tasks of a swarm in the order of their numbers, read a portion at a time. */
export async function listTasks(ledger: Ledger, swarmId: string): Promise<TaskView[]> {
  const total = await countTasks(ledger, swarmId);
  const views: TaskView[] = [];
  for (let from = 1; from <= total; from += READ_AT_ONCE)
    views.push(...(await readTasks(ledger, swarmId, from, Math.min(READ_AT_ONCE, total - from + 1))));
  return views;
}

/** How many tasks a swarm has; their numbers go from 1 to this. */
export function countTasks(ledger: Ledger, swarmId: string): Promise<number> {
  return ledger.redis.hlen(ledger.keys.swarm(swarmId, 'specs'));
}

/** The tasks with these numbers, in order. @param from number of the first, from 1 @param count 1 or more */
export async function readTasks(
  ledger: Ledger,
  swarmId: string,
  from: number,
  count: number,
): Promise<TaskView[]> {
  const ids = Array.from({ length: count }, (_, at) => taskId(from + at));
  const [specs, states] = await Promise.all([
    ledger.redis.hmget(ledger.keys.swarm(swarmId, 'specs'), ...ids),
    ledger.redis.hmget(ledger.keys.swarm(swarmId, 'tasks'), ...ids),
  ]);
  return specs.flatMap((spec, at) => {
    const state = states[at];
    if (spec === null || state === null || state === undefined) return [];
    return [{ spec: JSON.parse(spec) as StoredTaskSpec, state: parseTaskState(state) }];
  });
}

/** Results that one command reads: each may be 256 KiB, or lie elsewhere. */
const RESULTS_AT_ONCE = 8;

/** Results of these tasks, by id; of those that have none, nothing. */
export async function readResults(
  ledger: Ledger,
  swarmId: string,
  ids: readonly string[],
): Promise<Map<string, TaskResult>> {
  const results = new Map<string, TaskResult>();
  for (let at = 0; at < ids.length; at += RESULTS_AT_ONCE) {
    const some = ids.slice(at, at + RESULTS_AT_ONCE);
    await ledger.largeReads(swarmId, async () => {
      const found = await ledger.redis.hmget(ledger.keys.swarm(swarmId, 'results'), ...some);
      for (const [i, json] of found.entries())
        if (json !== null) results.set(some[i] ?? '', await readValue<TaskResult>(ledger, swarmId, json));
    });
  }
  return results;
}

export async function getTask(
  ledger: Ledger,
  swarmId: string,
  taskId: string,
): Promise<TaskView | undefined> {
  const [spec, state] = await Promise.all([
    ledger.redis.hget(ledger.keys.swarm(swarmId, 'specs'), taskId),
    ledger.redis.hget(ledger.keys.swarm(swarmId, 'tasks'), taskId),
  ]);
  if (spec === null || state === null) return undefined;
  return { spec: JSON.parse(spec) as StoredTaskSpec, state: parseTaskState(state) };
}

/** Several tasks at once, in the order asked for; unknown ids are left out. */
export async function getTasks(
  ledger: Ledger,
  swarmId: string,
  taskIds: readonly string[],
): Promise<TaskView[]> {
  const views = await Promise.all(taskIds.map((id) => getTask(ledger, swarmId, id)));
  return views.filter((view) => view !== undefined);
}

export async function getResult(
  ledger: Ledger,
  swarmId: string,
  taskId: string,
): Promise<TaskResult | undefined> {
  const json = await ledger.redis.hget(ledger.keys.swarm(swarmId, 'results'), taskId);
  return json === null ? undefined : readValue<TaskResult>(ledger, swarmId, json);
}

/** Results by task id, of all completed tasks. */
export async function listResults(ledger: Ledger, swarmId: string): Promise<Map<string, TaskResult>> {
  const all = await ledger.redis.hgetall(ledger.keys.swarm(swarmId, 'results'));
  const entries = Object.entries(all).map(
    async ([id, json]) => [id, await readValue<TaskResult>(ledger, swarmId, json)] as const,
  );
  return new Map(await Promise.all(entries));
}
