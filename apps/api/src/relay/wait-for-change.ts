import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import type { SwarmState } from '@claude-flow/core/domain/task';
import type { ApiDeps } from '../http/deps.ts';

export interface Waiting {
  swarm: SwarmState;
  ms: number;
  /** Who counts as waiting. */
  caller: string;
  /** The client has gone. */
  signal: AbortSignal;
  /** Called when the wait has to end for another reason; ends that when called itself. */
  until(end: () => void): () => void;
}

/** Events that leave the swarm's status as it was. */
const NO_CHANGE: ReadonlySet<string> = new Set(['swarm.created', 'swarm.progress']);

/**
 * Resolves when the swarm's status has changed since it was read: at once when it has ended, and at the latest after `ms`, or when
 * the server is stopping. Hears of it as event streams do; nothing is asked again and again.
 */
export async function waitForChange(
  deps: Pick<ApiDeps, 'feed' | 'streams' | 'log'>,
  { swarm, ms, caller, signal, until }: Waiting,
): Promise<void> {
  if (isTerminalSwarm(swarm.status) || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, ms);
  signal.addEventListener('abort', end, { once: true });
  const forget = deps.streams.add({ end }, caller);
  const stop = until(end);
  // Redis may be away for longer than anybody waits: the way to end it then comes too late to be waited for.
  const following = deps.feed
    .follow(
      swarm.id,
      swarm.seq,
      {
        event: ({ type }) => {
          if (type.startsWith('swarm.') && !NO_CHANGE.has(type)) end();
        },
        resync: end,
        gone: end,
      },
      swarm.epoch,
    )
    .catch((error: unknown) => {
      deps.log.warn({ err: error, swarmId: swarm.id }, 'A swarm cannot be followed; its state is asked for');
      end();
      return undefined;
    });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
  forget();
  stop();
  void following.then((one) => one?.end());
}
