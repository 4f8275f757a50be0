/** Something that stays open: a WebSocket, an event stream. */
export interface OpenStream {
  /** The server is going away; the client comes back elsewhere and resumes. */
  end(): void;
}

export interface Streams {
  /**
   * @param caller who counts as its reader
   * @returns takes it off the list again
   */
  add(stream: OpenStream, caller: string): () => void;
  /** How many this caller has open. */
  countOf(caller: string): number;
  readonly count: number;
  /** Ends all, and whatever is added from now on. */
  endAll(): void;
}

/** All long-lived connections of this process, so that it can say how many there are and end them when it stops. */
export function createStreams(): Streams {
  const open = new Map<OpenStream, string>();
  const counts = new Map<string, number>();
  const count = (caller: string, by: number) => {
    const left = (counts.get(caller) ?? 0) + by;
    if (left === 0) counts.delete(caller);
    else counts.set(caller, left);
  };
  let ended = false;
  return {
    add(stream, caller) {
      open.set(stream, caller);
      count(caller, 1);
      if (ended) stream.end();
      return () => {
        if (open.delete(stream)) count(caller, -1);
      };
    },
    countOf: (caller) => counts.get(caller) ?? 0,
    get count() {
      return open.size;
    },
    endAll() {
      ended = true;
      for (const stream of [...open.keys()]) stream.end();
    },
  };
}
