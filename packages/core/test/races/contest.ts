import type { Ledger } from '../../src/store/ledger.ts';
import type { NewSwarm } from '../../src/store/swarms.ts';
import { startSwarm } from '../../src/store/swarms.ts';
import type { TaskClaim } from '../../src/store/tasks.ts';
import { dispatchTasks } from '../../src/store/tasks.ts';
import { claim, graph, newSwarm, openLedger, plan } from '../ledger-fixture.ts';

/** Rounds of one race: enough for every interleaving that a few commands have. */
export const ROUNDS = 24;

type Settled<T> = { ok: true; value: T } | { ok: false; code: string };
type Results<T extends readonly unknown[]> = { [K in keyof T]: Settled<T[K]> };
type Contenders<T extends readonly unknown[]> = { [K in keyof T]: (ledger: Ledger) => Promise<T[K]> };

export interface Arena {
  /** For what comes before and after. */
  ledger: Ledger;
  /**
   * Lets the contenders loose, each on a connection of its own: in some rounds the first before the second or the other
   * way round, so that both ends of the race are seen for certain, else at the same moment, one a little late.
   */
  contest<T extends readonly unknown[]>(
    round: number,
    ...contenders: Contenders<T>
  ): Promise<Results<NoInfer<T>>>;
  close(): void;
}

async function settle(work: Promise<unknown>): Promise<Settled<unknown>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string') throw error;
    return { ok: false, code };
  }
}

export async function openArena(url: string, prefix: string): Promise<Arena> {
  const [ledger, ...others] = await Promise.all([0, 1, 2, 3].map(() => openLedger(url, prefix)));
  if (ledger === undefined) throw new Error('no connection');
  const on = (i: number) => others[i] ?? ledger;
  return {
    ledger,
    async contest(round, ...contenders) {
      const list = contenders as readonly ((one: Ledger) => Promise<unknown>)[];
      const results: Settled<unknown>[] = [];
      const one = async (i: number) => {
        results[i] = await settle((list[i] as (one: Ledger) => Promise<unknown>)(on(i)));
      };
      const late = async (i: number) => {
        // One to five round trips: as many as the longest contender, a delete, takes.
        for (let trip = 0; trip <= (round >> 2) % 5; trip += 1) await on(i).redis.ping();
        await one(i);
      };
      const all = [...list.keys()];
      if (round % 4 === 0) for (const i of all) await one(i);
      else if (round % 4 === 1) for (const i of all.toReversed()) await one(i);
      else if (round % 4 === 2) await Promise.all(all.map(one));
      else await Promise.all(all.map((i) => (i === round % all.length ? one(i) : late(i))));
      return results as never;
    },
    close: () => {
      for (const one of [ledger, ...others]) one.redis.disconnect();
    },
  };
}

type GraphOptions = Parameters<typeof graph>[1];

/** A swarm that runs, with nothing dispatched yet. */
export async function started(
  ledger: Ledger,
  edges: Record<string, string[]>,
  swarm: Partial<NewSwarm> = {},
  tasks: GraphOptions = {},
): Promise<string> {
  const swarmId = await newSwarm(ledger, swarm);
  await plan(ledger, swarmId, graph(edges, tasks));
  await startSwarm(ledger, swarmId);
  return swarmId;
}

/** A swarm with one task at work (`task_001`). @param leaseMs 0: its lease has ended */
export async function atWork(
  ledger: Ledger,
  edges: Record<string, string[]>,
  leaseMs = 60_000,
): Promise<TaskClaim> {
  const swarmId = await started(ledger, edges);
  const [task] = (await dispatchTasks(ledger, swarmId, 1)).queued;
  if (task === undefined) throw new Error('nothing was dispatched');
  const claimed = await claim(ledger, task, leaseMs);
  if (!claimed.claimed) throw new Error(claimed.why);
  return claimed.claim;
}
