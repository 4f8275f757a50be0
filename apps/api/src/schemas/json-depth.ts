const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = new Set([91, 123]);
const CLOSE = new Set([93, 125]);

/** Whether a JSON text nests arrays and objects deeper than this. Looks at characters only: nothing is built that could be too deep. */
export function nestsDeeper(json: string, depth: number): boolean {
  let open = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (OPEN.has(code)) {
      open += 1;
      if (open > depth) return true;
    } else if (CLOSE.has(code)) open -= 1;
  }
  return false;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
