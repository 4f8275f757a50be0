import { absenceCounts, classifyWorker } from '@claude-flow/core/domain/stale';
import { RECONNECT_GRACE_MS, WATCH_LOCK_MS, WORKER_FORGOTTEN_MS } from '@claude-flow/core/runtime/tunables';
import { createHeldLock } from '@claude-flow/core/store/lock';
import {
  countFreePlaces,
  forgetWorker,
  listWorkers,
  type WorkerEntry,
} from '@claude-flow/core/store/workers';
import type { SweepDeps } from '../sweep/sweep.ts';
import { type Connections, readConnections } from './connections.ts';
import { recoverWorker } from './recover-worker.ts';

export interface WorkerWatch {
  /** One look at Redis's connections; a worker that is missing for the second time in a row is recovered from. */
  look(): Promise<void>;
  /** Lets another scheduler watch at once. */
  end(): Promise<void>;
}

/**
 * Compares the registered workers with Redis's connections. One scheduler at a time does it, since "twice in a row" is
 * something it remembers; two at once would do no harm, for what they do is guarded. Where the connections cannot be seen,
 * it says so once, and leases alone decide.
 */
export function createWorkerWatch(deps: SweepDeps, reconnectGraceMs = RECONNECT_GRACE_MS): WorkerWatch {
  const { ledger, log } = deps;
  const lock = createHeldLock(ledger, 'watch', WATCH_LOCK_MS);
  const missedAt = new Map<string, number>();
  let blind = false;

  async function seen(): Promise<Connections | undefined> {
    const connections = await readConnections(ledger.redis);
    if (!('reason' in connections)) {
      blind = false;
      return connections;
    }
    if (!blind) {
      const message = `Redis does not show all connections (${connections.reason}); a lost worker is noticed by its lease alone`;
      log.warn({ event: 'watch.blind' }, message);
    }
    blind = true;
    return undefined;
  }

  async function judge(worker: WorkerEntry, connections: Connections): Promise<void> {
    const { workerId } = worker;
    const missed = missedAt.get(workerId);
    const connected = connections.workers.has(workerId);
    const verdict = classifyWorker(missed === undefined ? { connected } : { connected, missedAt: missed });
    if (verdict === 'connected') missedAt.delete(workerId);
    if (verdict === 'missed') missedAt.set(workerId, connections.now);
    if (verdict !== 'gone' || missed === undefined) return;
    const recovered = await recoverWorker(deps, workerId, missed);
    log.warn({ event: 'worker.gone', workerId, recovered }, `Worker ${workerId} is gone`);
    // A worker that lives all the same writes itself down again with its next heartbeat.
    await forgetWorker(ledger, workerId);
    missedAt.delete(workerId);
  }

  return {
    async look() {
      if (!(await lock.hold())) return missedAt.clear();
      const workers = await listWorkers(ledger);
      await countFreePlaces(ledger, workers);
      const connections = await seen();
      if (connections === undefined) return forgetOld(deps, workers);
      if (!absenceCounts(connections, reconnectGraceMs)) return missedAt.clear();
      for (const worker of workers) await judge(worker, connections);
    },
    end: () => lock.release(),
  };
}

async function forgetOld({ ledger }: SweepDeps, workers: readonly WorkerEntry[]): Promise<void> {
  const now = Number((await ledger.redis.time())[0]) * 1000;
  for (const { workerId, lastSeenAt } of workers)
    if (lastSeenAt + WORKER_FORGOTTEN_MS < now) await forgetWorker(ledger, workerId);
}
