import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { timerMs } from '@claude-flow/core/runtime/timer-ms';
import { getSwarmState } from '@claude-flow/core/store/swarms';
import type { Engine } from './engine.ts';

/** A deleted swarm has no last event. */
const STILL_THERE_EVERY_MS = 2_000;

export interface FollowOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  timeoutMs?: number | undefined;
}

/**
 * Looks at a swarm now and after each of its events, until `look` gives something.
 * @throws the signal's reason; an Error with the name TimeoutError
 */
export async function follow<Found>(
  { api: { deps } }: Engine,
  swarmId: string,
  look: () => Promise<Found | undefined>,
  { signal, timeoutMs }: FollowOptions = {},
): Promise<Found> {
  const limits = [signal, timeoutMs === undefined ? undefined : AbortSignal.timeout(timerMs(timeoutMs))];
  const stop = AbortSignal.any(limits.filter((one) => one !== undefined));
  stop.throwIfAborted();
  let again: () => void = () => {};
  let news = false;
  const wake = (_event?: SwarmEvent) => {
    news = true;
    again();
  };
  const seen = (await getSwarmState(deps.ledger, swarmId))?.seq ?? 0;
  const following = await deps.feed.follow(swarmId, seen, {
    event: wake,
    resync: () => wake(),
    gone: () => wake(),
  });
  const timer = setInterval(wake, STILL_THERE_EVERY_MS);
  const aborted = () => wake();
  stop.addEventListener('abort', aborted);
  try {
    for (;;) {
      news = false;
      const found = await look();
      if (found !== undefined) return found;
      stop.throwIfAborted();
      if (!news)
        await new Promise<void>((resolve) => {
          again = resolve;
        });
    }
  } finally {
    stop.removeEventListener('abort', aborted);
    clearInterval(timer);
    following.end();
  }
}
