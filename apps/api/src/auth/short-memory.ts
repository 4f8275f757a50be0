export interface ShortMemory<T> {
  /** What is remembered for the key, or what `load` finds; those who ask at the same time share one answer. */
  get(key: string, load: () => Promise<T | undefined>): Promise<T | undefined>;
  forget(key: string): void;
}

/**
 * Remembers what was found for a while. What was not found is not remembered: guesses must not push others out.
 * @param limits.max entries at once; the oldest goes first
 */
export function createShortMemory<T>(
  now: () => number,
  limits: { keptMs: number; max: number },
): ShortMemory<T> {
  const entries = new Map<string, { readAt: number; found: Promise<T | undefined> }>();
  return {
    get(key, load) {
      const at = now();
      const known = entries.get(key);
      if (known !== undefined && at - known.readAt < limits.keptMs) return known.found;
      const entry = { readAt: at, found: load() };
      entries.delete(key);
      entries.set(key, entry);
      const drop = () => entries.get(key) === entry && entries.delete(key);
      entry.found.then((found) => found === undefined && drop(), drop);
      if (entries.size > limits.max) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
      return entry.found;
    },
    forget: (key) => void entries.delete(key),
  };
}
