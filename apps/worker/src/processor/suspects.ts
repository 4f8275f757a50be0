/** Which suspect is at work: a task during which a worker was lost before. One worker has one at a time. */
export interface Suspects {
  /**
   * Waits until no other suspect is at work, in the order of arrival.
   * @returns ends the turn; may be called more than once
   * @throws the signal's reason
   */
  enter(signal: AbortSignal): Promise<() => void>;
}

/**
 * Whatever takes its worker down takes its neighbours' attempts along, and all of them look alike afterwards. Were they run together
 * again, they would look alike for ever; one at a time, the next loss says which one it was. Tasks that are not suspected
 * run beside a suspect.
 */
export function createSuspects(): Suspects {
  let last: Promise<void> = Promise.resolve();
  return {
    async enter(signal) {
      signal.throwIfAborted();
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      try {
        await Promise.race([before, aborted.promise]);
        return resolve;
      } catch (error) {
        // Its place in the order stays until those before it are done.
        void before.then(resolve);
        throw error;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
  };
}
