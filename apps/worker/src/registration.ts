import { errorMessage } from '@claude-flow/core/domain/errors';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { HEARTBEAT_EVERY_MS } from '@claude-flow/core/runtime/tunables';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { forgetWorker, registerWorker } from '@claude-flow/core/store/workers';
import { startMeasuring } from './own-resources.ts';

export interface Registration {
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
  worker: { workerId: string; concurrency: number },
  everyMs = HEARTBEAT_EVERY_MS,
): Promise<Registration> {
  let ended = false;
  let writing: Promise<void> | undefined;
  const measure = startMeasuring();
  const write = () => {
    // One at a time: while Redis is away, writes would only pile up.
    writing ??= registerWorker(deps.ledger, { ...worker, ...measure() })
      .catch((error: unknown) =>
        deps.log.debug({ reason: errorMessage(error) }, 'This worker could not be written down'),
      )
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
    abandon,
    async end() {
      abandon();
      await writing;
      await forgetWorker(deps.ledger, worker.workerId);
    },
  };
}
