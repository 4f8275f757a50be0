import type { Steps } from '@claude-flow/core/domain/at-once';

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const LIST = 91;
const OPEN = new Set([LIST, 123]);
const CLOSE = new Set([93, 125]);

/** How much a JSON text holds, found by looking at its characters: nothing is built that could be too large. */
export interface JsonSize {
  /** Arrays and objects inside each other. */
  depth: number;
  /** Members of arrays and objects, about. */
  members: number;
  /** Entries of the longest list, about. */
  longestList: number;
  /** Fields of the object that has the most, about. */
  mostFields: number;
}

/** A step for so many characters. */
const STEP = 65_536;

export function* jsonSize(json: string): Steps<JsonSize> {
  const size: JsonSize = { depth: 0, members: 0, longestList: 0, mostFields: 0 };
  const open: { list: boolean; commas: number }[] = [];
  let stepEnds = STEP;
  for (let at = 0; at < json.length; at += 1) {
    if (at >= stepEnds) {
      stepEnds = at + STEP;
      yield;
    }
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (code === COMMA) {
      size.members += 1;
      const inside = open.at(-1);
      if (inside !== undefined) inside.commas += 1;
    } else if (OPEN.has(code)) {
      open.push({ list: code === LIST, commas: 0 });
      size.depth = Math.max(size.depth, open.length);
    } else if (CLOSE.has(code)) {
      const ended = open.pop();
      if (ended === undefined) continue;
      const name = ended.list ? 'longestList' : 'mostFields';
      size[name] = Math.max(size[name], ended.commas + 1);
    }
  }
  return size;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
