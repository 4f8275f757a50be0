import { errorMessage } from '@claude-flow/core/domain/errors';
import { type DispatcherDeps, dispatchWaiting } from '@claude-flow/core/queue/dispatcher';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { CAPACITY_EVERY_MS } from '@claude-flow/core/runtime/tunables';
import { setCapacity } from '@claude-flow/core/store/admission';

export interface Capacity {
  /** This worker takes no more tasks: no more shall be queued for it. */
  leave(): Promise<void>;
  /** Says nothing more. */
  stop(): void;
}

/** Tells the fleet, again and again, how many tasks this worker takes at a time; whoever waits for room then goes on. */
export async function announceCapacity(
  deps: DispatcherDeps & { log: Logger },
  workerId: string,
  concurrency: number,
): Promise<Capacity> {
  const announce = async () => {
    try {
      if (await setCapacity(deps.ledger, workerId, concurrency)) await dispatchWaiting(deps);
    } catch (error) {
      deps.log.debug({ reason: errorMessage(error) }, 'The fleet could not be told of this worker');
    }
  };
  await announce();
  const timer = setInterval(announce, CAPACITY_EVERY_MS);
  const stop = () => clearInterval(timer);
  return {
    async leave() {
      stop();
      await setCapacity(deps.ledger, workerId, 0);
    },
    stop,
  };
}
