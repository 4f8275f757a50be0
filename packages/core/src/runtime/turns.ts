/** Carries out work one after the other; those who ask under different names take turns. */
export type Turns = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;

export function createTurns(): Turns {
  /** What waits, by name; the name whose turn is next comes first. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  let busy = false;

  async function run(): Promise<void> {
    busy = true;
    for (let [next] = waiting; next !== undefined; [next] = waiting) {
      const [name, queue] = next;
      const work = queue.shift();
      // Behind the others, if it wants more.
      waiting.delete(name);
      if (queue.length > 0) waiting.set(name, queue);
      await work?.();
    }
    busy = false;
  }

  return (name, work) =>
    new Promise((resolve, reject) => {
      const queue = waiting.get(name) ?? [];
      queue.push(() => work().then(resolve, reject));
      waiting.set(name, queue);
      if (!busy) void run();
    });
}
