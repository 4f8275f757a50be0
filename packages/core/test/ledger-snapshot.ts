import type { SwarmEvent } from '../src/contracts/swarm-event.ts';
import type { AgentRecord } from '../src/domain/agent.ts';
import type { Approval } from '../src/domain/approval.ts';
import { parseTaskState, type SwarmRecord, type TaskSpec, type TaskState } from '../src/domain/task.ts';
import type { SwarmKeyName } from '../src/redis/keys.ts';
import { agentsOf } from '../src/store/agents.ts';
import { eventsOf } from '../src/store/events.ts';
import type { Ledger } from '../src/store/ledger.ts';
import { parseSwarm } from '../src/store/swarm-record.ts';

/** Everything the ledger holds of one swarm, read in one atomic step. Sorted sets as id -> score, in their order. */
export interface LedgerSnapshot {
  swarm: SwarmRecord;
  tasks: Map<string, TaskState>;
  specs: Map<string, TaskSpec>;
  agents: Map<string, AgentRecord>;
  /** Agent id -> `<type>|idle` or `<type>|busy`. */
  /** Those that live, and those that do not. */
  pool: Set<string>;
  terminated: Set<string>;
  indegree: Map<string, number>;
  dependents: Map<string, string[]>;
  approvals: Map<string, Approval>;
  results: Set<string>;
  open: Set<string>;
  suspended: Set<string>;
  ready: Map<string, number>;
  queued: Map<string, number>;
  running: Map<string, number>;
  retrying: Map<string, number>;
  events: SwarmEvent[];
}

type Reply = [error: Error | null, value: unknown][];

const HASHES = ['meta', 'tasks', 'specs', 'agents', 'pool', 'indegree', 'dependents', 'approvals'] as const;
const SORTED = ['ready', 'queued', 'running', 'retrying'] as const;

function pairs<V>(list: string[], parse: (text: string) => V): Map<string, V> {
  const map = new Map<string, V>();
  for (let i = 0; i + 1 < list.length; i += 2) map.set(list[i] ?? '', parse(list[i + 1] ?? ''));
  return map;
}
const fields = <V>(hash: unknown, parse: (text: string) => V) =>
  new Map(Object.entries(hash as Record<string, string>).map(([id, text]) => [id, parse(text)]));

/** @returns undefined when there is no such swarm @param after events after this number only */
export async function readLedger(
  ledger: Ledger,
  swarmId: string,
  after = 0,
): Promise<LedgerSnapshot | undefined> {
  const key = (name: SwarmKeyName) => ledger.keys.swarm(swarmId, name);
  const multi = ledger.redis.multi();
  for (const name of HASHES) multi.hgetall(key(name));
  for (const name of SORTED) multi.zrange(key(name), '0', '-1', 'WITHSCORES');
  multi.hkeys(key('results')).smembers(key('open')).smembers(key('suspended'));
  multi.xrange(key('events'), `${after + 1}-0`, '+');
  const replies = ((await multi.exec()) as Reply).map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
  const [meta, tasks, specs, agents, pool, indegree, dependents, approvals] = replies;
  const [ready, queued, running, retrying, results, open, suspended, events] = replies.slice(HASHES.length);
  if ((meta as Record<string, string>)['id'] === undefined) return undefined;
  const scores = (list: unknown) => pairs(list as string[], Number);
  return {
    swarm: parseSwarm(meta as Record<string, string>),
    tasks: fields(tasks, parseTaskState),
    specs: fields(specs, (json) => JSON.parse(json) as TaskSpec),
    agents: new Map(
      agentsOf(pool as Record<string, string>, agents as Record<string, string>).map((agent) => [
        agent.id,
        agent,
      ]),
    ),
    pool: new Set(Object.keys(pool as object)),
    terminated: new Set(Object.keys(agents as object)),
    indegree: fields(indegree, Number),
    dependents: fields(dependents, (json) => JSON.parse(json) as string[]),
    approvals: fields(approvals, (json) => JSON.parse(json) as Approval),
    results: new Set(results as string[]),
    open: new Set(open as string[]),
    suspended: new Set(suspended as string[]),
    ready: scores(ready),
    queued: scores(queued),
    running: scores(running),
    retrying: scores(retrying),
    events: (events as [string, string[]][]).flatMap(([id, entry]) => {
      const batch = eventsOf(entry);
      const last = batch.at(-1)?.seq;
      if (`${last}-0` !== id) throw new Error(`the events up to ${last} stand at ${id}`);
      return batch.filter((event) => event.seq > after);
    }),
  };
}
