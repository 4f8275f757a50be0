import { errorMessage } from '@claude-flow/core/domain/errors';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { HEARTBEAT_EVERY_MS } from '@claude-flow/core/runtime/tunables';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { forgetWorker, readFreePlaces, registerWorker } from '@claude-flow/core/store/workers';
import { type OwnResources, startMeasuring } from './own-resources.ts';

export interface Registration {
  /** What this process used when it was measured last. */
  used(): OwnResources;
  /** Places that other workers have free, as last heard: within a second or two. 0 when that is not known. */
  readonly othersFree: number;
  /** Ends the entry; only for a worker that has nothing at hand, or its tasks would wait for their leases. */
  end(): Promise<void>;
  /** Writes no more; the entry stays, and the tasks left behind are taken back as those of a lost worker. */
  abandon(): void;
}

/**
 * Writes this worker down, and again with every heartbeat, so that schedulers know whose connection to look for. Written
 * down before the first task is taken; an entry that Redis lost comes back by itself.
 */
export async function startRegistration(
  deps: { ledger: Ledger; log: Logger },
  worker: { workerId: string; concurrency: number; free: () => number },
  everyMs = HEARTBEAT_EVERY_MS,
): Promise<Registration> {
  let ended = false;
  let writing: Promise<void> | undefined;
  const measure = startMeasuring();
  let used = measure();
  let othersFree = 0;
  async function register(): Promise<void> {
    const { workerId, concurrency } = worker;
    const free = worker.free();
    used = measure();
    await registerWorker(deps.ledger, { workerId, concurrency, free, ...used });
    const all = await readFreePlaces(deps.ledger);
    // This worker's own are among them, as they were about a second ago: too few of the others' rather than too many.
    othersFree = all === undefined ? 0 : Math.max(0, all - Math.max(free, toldFree));
    toldFree = free;
  }
  let toldFree = 0;
  const write = () => {
    // One at a time: while Redis is away, writes would only pile up.
    writing ??= register()
      .catch((error: unknown) => {
        othersFree = 0;
        deps.log.debug({ reason: errorMessage(error) }, 'This worker could not be written down');
      })
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };
  await write();
  const timer = setInterval(() => {
    if (!ended) void write();
  }, everyMs);
  const abandon = () => {
    ended = true;
    clearInterval(timer);
  };
  return {
    used: () => used,
    get othersFree() {
      return othersFree;
    },
    abandon,
    async end() {
      abandon();
      await writing;
      await forgetWorker(deps.ledger, worker.workerId);
    },
  };
}
