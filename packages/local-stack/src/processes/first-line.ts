import type { OutputLines } from './output-lines.ts';

export interface FirstLineDeps {
  /** The process's name, for the messages. */
  name: string;
  output: OutputLines;
  /** Resolves with the reason when the process has ended and all its output was read. */
  endedBecause: Promise<string>;
}

/**
 * Resolves with what `read` makes of the first line, past (as far as kept) or coming, for which it gives
 * something. Rejects when the process has ended without it, or after `deadlineMs`.
 */
export function firstLine<T>(
  deps: FirstLineDeps,
  read: (text: string) => T | undefined,
  wanted: { deadlineMs: number; what: string },
): Promise<T> {
  const { name, output, endedBecause } = deps;
  const { deadlineMs, what } = wanted;
  return new Promise<T>((resolve, reject) => {
    let unlisten = () => {};
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      unlisten();
      outcome();
    };
    const timer = setTimeout(() => {
      const last = output.all().at(-1)?.text;
      const tail = last === undefined ? 'It has printed nothing.' : `Its last line: ${last}`;
      settle(() => reject(new Error(`${name}: no ${what} within ${deadlineMs / 1000} s. ${tail}`)));
    }, deadlineMs);
    const look = (line: { text: string }): boolean => {
      const found = read(line.text);
      if (found === undefined) return false;
      settle(() => resolve(found));
      return true;
    };
    if (output.all().some(look)) return;
    unlisten = output.listen(look);
    void endedBecause.then((reason) =>
      settle(() => reject(new Error(`${name} ended before its ${what}: ${reason}`))),
    );
  });
}
