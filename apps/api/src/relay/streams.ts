/** Something that stays open: a WebSocket, an event stream. */
export interface OpenStream {
  /** The server is going away; the client comes back elsewhere and resumes. */
  end(): void;
}

export interface Streams {
  /** @returns takes it off the list again */
  add(stream: OpenStream): () => void;
  readonly count: number;
  /** Ends all, and whatever is added from now on. */
  endAll(): void;
}

/** All long-lived connections of this process, so that it can say how many there are and end them when it stops. */
export function createStreams(): Streams {
  const open = new Set<OpenStream>();
  let ended = false;
  return {
    add(stream) {
      open.add(stream);
      if (ended) stream.end();
      return () => open.delete(stream);
    },
    get count() {
      return open.size;
    },
    endAll() {
      ended = true;
      for (const stream of [...open]) stream.end();
    },
  };
}
