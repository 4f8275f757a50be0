import { type Stack, type StackOptions, startStack } from '@claude-flow/local-stack/stack';

/** A start that was interrupted is waited for this long, so that all can be ended in order. */
const LATE_START_MS = 10_000;

/**
 * Starts the processes. Interrupted meanwhile, it ends what has been started and throws the signal's reason.
 */
export async function startOrAbort(options: StackOptions, signal: AbortSignal): Promise<Stack> {
  signal.throwIfAborted();
  const starting = startStack(options);
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([starting, aborted.promise]);
  } catch (error) {
    if (signal.aborted) await endLateStart(starting);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What does not come up in time ends with this process: every child notices that its parent is gone. */
async function endLateStart(starting: Promise<Stack>): Promise<void> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, LATE_START_MS);
  const stack = await Promise.race([starting.catch(() => undefined), late.promise]);
  clearTimeout(timer);
  await stack?.stop();
}
