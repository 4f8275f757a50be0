import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface OutputLine {
  stream: 'stdout' | 'stderr';
  text: string;
}

export interface OutputLines {
  /** The last lines of both streams, oldest first. */
  all(): OutputLine[];
  /** Calls `listener` for each further line; the returned function ends that. */
  listen(listener: (line: OutputLine) => void): () => void;
  /** Resolves when both streams have ended. */
  ended: Promise<void>;
}

/** Reads both streams line by line and keeps the last `keep` lines. */
export function collectLines(
  streams: { stdout: Readable | null; stderr: Readable | null },
  keep = 2_000,
): OutputLines {
  const kept: OutputLine[] = [];
  const listeners = new Set<(line: OutputLine) => void>();

  const read = (stream: OutputLine['stream'], source: Readable | null) =>
    new Promise<void>((resolve) => {
      if (source === null) return resolve();
      const reader = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY });
      reader.on('line', (text) => {
        const line = { stream, text };
        kept.push(line);
        if (kept.length > keep) kept.shift();
        for (const listener of [...listeners]) listener(line);
      });
      reader.once('close', resolve);
    });

  const ended = Promise.all([read('stdout', streams.stdout), read('stderr', streams.stderr)]).then(() => {});
  return {
    all: () => [...kept],
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ended,
  };
}
