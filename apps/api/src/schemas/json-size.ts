const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN_LIST = 91;
const OPEN_OBJECT = 123;
const CLOSE = new Set([93, 125]);

/** How much a JSON text holds, found by looking at its characters: nothing is built that could be too large. */
export interface JsonSize {
  /** Arrays and objects inside each other. */
  depth: number;
  /** Members of arrays and objects, about. */
  members: number;
  /** Entries of the longest array. */
  longest: number;
}

export function jsonSize(json: string): JsonSize {
  /** For each array and object that is open: its commas; below zero for an object. */
  const open: number[] = [];
  let depth = 0;
  let members = 0;
  let longest = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (code === COMMA) {
      members += 1;
      const commas = open.at(-1) ?? OBJECT;
      if (commas === OBJECT) continue;
      open[open.length - 1] = commas + 1;
      longest = Math.max(longest, commas + 2);
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      open.push(code === OPEN_LIST ? 0 : OBJECT);
      depth = Math.max(depth, open.length);
    } else if (CLOSE.has(code)) open.pop();
  }
  return { depth, members, longest };
}

const OBJECT = -1;

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
