import type { Steps } from '@claude-flow/core/domain/at-once';
import { cutText } from '@claude-flow/core/domain/cut-text';

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const [LIST, OBJECT] = [91, 123];
const [END_OF_LIST, END_OF_OBJECT] = [93, 125];

/** A step for so many characters, or so many of a text's pieces. */
const STEP = 16_384;
/** Characters of a path, whose names are a caller's. */
const MAX_PATH = 200;

export interface JsonLimits {
  /** Arrays and objects inside each other. */
  depth: number;
  /** Entries of a list. */
  list: number;
  /** Fields of an object. */
  fields: number;
}

/** How much a JSON text holds, found by looking at its characters: nothing is built that could be too large. */
export interface JsonSize {
  /** Nothing deeper than the limit was looked at. */
  tooDeep: boolean;
  /** Members of arrays and objects, about. */
  members: number;
  /** The outermost list or object that has more members than allowed; of several, the first. */
  tooWide: TooWide | undefined;
}

export interface TooWide {
  /** Such as `tasks.0.dependencies`; empty for the body itself. */
  path: string;
  isList: boolean;
  /** Its members, about. */
  count: number;
}

/** @param json may be anything: what is no JSON is measured as far as it resembles it */
export function* jsonSize(json: string, limits: JsonLimits): Steps<JsonSize> {
  // Of each list and object that has not ended; plain numbers, for there can be half a million of them one after the other.
  const isList = new Uint8Array(limits.depth);
  const commas = new Uint32Array(limits.depth);
  const nameStart = new Uint32Array(limits.depth);
  const nameEnd = new Uint32Array(limits.depth);
  let depth = 0;
  let members = 0;
  let found: { wide: TooWide; depth: number } | undefined;
  const pathOf = () => {
    const names = Array.from({ length: depth }, (_, i) =>
      isList[i] === 1 ? String(commas[i]) : nameOf(json.slice(nameStart[i], nameEnd[i])),
    );
    return cutText(names.join('.'), MAX_PATH, '...');
  };
  let nextStep = STEP;
  for (let at = 0; at < json.length; at += 1) {
    if (at >= nextStep) {
      nextStep = at + STEP;
      yield;
    }
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      const start = at;
      at = endOfString(json, at);
      if (depth > 0 && isList[depth - 1] === 0) {
        // The last text before a list or object begins is its name.
        nameStart[depth - 1] = start;
        nameEnd[depth - 1] = Math.min(at + 1, start + 2 * MAX_PATH);
      }
    } else if (code === COMMA) {
      members += 1;
      if (depth > 0) commas[depth - 1] = (commas[depth - 1] ?? 0) + 1;
    } else if (code === LIST || code === OBJECT) {
      if (depth === limits.depth) return { tooDeep: true, members, tooWide: found?.wide };
      isList[depth] = code === LIST ? 1 : 0;
      commas[depth] = 0;
      nameEnd[depth] = 0;
      depth += 1;
    } else if ((code === END_OF_LIST || code === END_OF_OBJECT) && depth > 0) {
      depth -= 1;
      const count = (commas[depth] ?? 0) + 1;
      const list = isList[depth] === 1;
      if (count > (list ? limits.list : limits.fields) && (found === undefined || depth < found.depth))
        found = { wide: { path: pathOf(), isList: list, count }, depth };
    }
  }
  return { tooDeep: false, members, tooWide: found?.wide };
}

function nameOf(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    // It is longer than what is looked at.
    return text.slice(1);
  }
}

function endOfString(json: string, start: number): number {
  for (let from = start + 1; ; ) {
    const end = json.indexOf('"', from);
    if (end === -1) return json.length;
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
    from = end + 1;
  }
}
