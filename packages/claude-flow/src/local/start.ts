import { setTimeout as delay } from 'node:timers/promises';
import { type Stack, type StackOptions, startStack } from '@claude-flow/local-stack/stack';

/** A start that was interrupted is waited for this long, so that all can be ended in order. */
const LATE_START_MS = 10_000;

export const ENDING = 'Ending everything ... (press Ctrl-C again to end at once)';

/**
 * Starts the processes. Interrupted meanwhile, it ends what has been started and throws the signal's reason.
 */
export async function startOrAbort(
  options: StackOptions,
  workers: number,
  deps: { signal: AbortSignal; say(line: string): void },
): Promise<Stack> {
  const { signal } = deps;
  signal.throwIfAborted();
  const starting = startStack({ ...options, workers });
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([starting, aborted.promise]);
  } catch (error) {
    if (signal.aborted) {
      deps.say(ENDING);
      await endLateStart(starting);
    }
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What does not come up in time ends with this process: every child notices that its parent is gone. */
async function endLateStart(starting: Promise<Stack>): Promise<void> {
  const stack = await Promise.race([
    starting.catch(() => undefined),
    delay(LATE_START_MS, undefined, { ref: false }),
  ]);
  await stack?.stop();
}
