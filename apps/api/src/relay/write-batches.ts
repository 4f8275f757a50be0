/** Gathers what is written in one turn of the event loop, so that each connection is written to once. */
export interface WriteBatches {
  /** `write` is called when this turn's messages have all been handled. */
  soon(write: () => void): void;
  /** As one piece. Many readers of one process get the same frames in the same turn: they are put together once. */
  join(frames: readonly Buffer[]): Buffer;
}

export function createWriteBatches(): WriteBatches {
  let writes: (() => void)[] = [];
  let last: { frames: readonly Buffer[]; joined: Buffer } | undefined;
  const writeAll = () => {
    const present = writes;
    writes = [];
    for (const write of present) write();
    last = undefined;
  };
  return {
    soon(write) {
      if (writes.length === 0) setImmediate(writeAll);
      writes.push(write);
    },
    join(frames) {
      const [first] = frames;
      if (first !== undefined && frames.length === 1) return first;
      if (last === undefined || !same(last.frames, frames)) last = { frames, joined: Buffer.concat(frames) };
      return last.joined;
    },
  };
}

function same(some: readonly Buffer[], others: readonly Buffer[]): boolean {
  return some.length === others.length && some.every((frame, i) => frame === others[i]);
}
