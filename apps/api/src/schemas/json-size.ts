const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN = new Set([91, 123]);
const CLOSE = new Set([93, 125]);

/** How much a JSON text holds, found by looking at its characters: nothing is built that could be too large. */
export interface JsonSize {
  /** Arrays and objects inside each other. */
  depth: number;
  /** Members of arrays and objects, about. */
  members: number;
}

export function jsonSize(json: string): JsonSize {
  let open = 0;
  let depth = 0;
  let members = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (code === COMMA) members += 1;
    else if (OPEN.has(code)) {
      open += 1;
      depth = Math.max(depth, open);
    } else if (CLOSE.has(code)) open -= 1;
  }
  return { depth, members };
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
