const CR = 13;
const LF = 10;

/** One command that a client sent to Redis. */
export interface RespCommand {
  /** In capitals, e.g. `EVALSHA`. */
  name: string;
  /** What follows the name, each cut to its first 200 characters. */
  args: string[];
  /** Index of the byte after it, in the piece given to `push`. */
  end: number;
}

export interface RespRequestParser {
  /** Takes the next piece of the stream; gives the commands that end in it. */
  push(piece: Buffer): RespCommand[];
}

const SHOWN = 200;

/**
 * Finds the commands in what a client sends to Redis: arrays of bulk strings, or lines of words. It counts and names them;
 * it does not check them.
 */
export function createRespRequestParser(): RespRequestParser {
  let rest = Buffer.alloc(0);

  /** @returns the command that begins at `from` and the index after it; undefined when it is not all here */
  const readCommand = (data: Buffer, from: number): { words: string[]; end: number } | undefined => {
    const line = readLine(data, from);
    if (line === undefined) return undefined;
    if (!line.text.startsWith('*')) {
      return { words: line.text.split(' ').filter(Boolean), end: line.end };
    }
    const words: string[] = [];
    let at = line.end;
    for (let left = Number(line.text.slice(1)); left > 0; left -= 1) {
      const length = readLine(data, at);
      if (length === undefined) return undefined;
      const size = Number(length.text.slice(1));
      const end = length.end + size + 2;
      if (data.length < end) return undefined;
      words.push(data.toString('latin1', length.end, length.end + Math.min(size, SHOWN)));
      at = end;
    }
    return { words, end: at };
  };

  return {
    push(piece) {
      const before = rest.length;
      const data = before === 0 ? piece : Buffer.concat([rest, piece]);
      const commands: RespCommand[] = [];
      let at = 0;
      for (;;) {
        const found = readCommand(data, at);
        if (found === undefined) break;
        at = found.end;
        const [name = '', ...args] = found.words;
        if (name !== '') commands.push({ name: name.toUpperCase(), args, end: at - before });
      }
      rest = Buffer.from(data.subarray(at));
      return commands;
    },
  };
}

function readLine(data: Buffer, from: number): { text: string; end: number } | undefined {
  const at = data.indexOf(CR, from);
  if (at === -1 || data.length <= at + 1) return undefined;
  return { text: data.toString('latin1', from, at), end: at + (data[at + 1] === LF ? 2 : 1) };
}
