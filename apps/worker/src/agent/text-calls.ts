import { hasWords } from '../tools/has-words.ts';

/**
 * Does the model make a tool call in words, which its server should have turned into a call? Looked for are the tags of common
 * chat templates and JSON that names one of our tools, at the start of a line, in a code fence or not.
 *
 * A result may talk about such markup. So it counts as a call only
 * - where there is little else in the answer, or
 * - where it names one of our tools and begins or ends the answer (what follows a call at the beginning is made up); in a code
 *   fence only at the end of an answer that is no long report.
 * Markup within a sentence, or in the middle of a longer text, is part of the text.
 * @param tools the names of our tools
 */
export function isCallInWords(text: string, tools: readonly string[]): boolean {
  const spans = findSpans(text, tools);
  const [first, last] = [spans[0], spans.at(-1)];
  if (first === undefined || last === undefined) return false;
  const around = wordsAround(text, spans);
  if (around <= LITTLE) return true;
  if (first.ours && !first.fenced && lengthOf(text.slice(0, first.from)) <= LITTLE) return true;
  if (!last.ours || lengthOf(text.slice(last.to)) > AFTERWORD) return false;
  return !last.fenced || around <= LONG_REPORT;
}

/** Characters of words beside the markup with which it is the answer. */
const LITTLE = 300;
/** Characters that may follow a call: "I will wait for the result." */
const AFTERWORD = 100;
/** Characters of a report that may well end with an example. */
const LONG_REPORT = 2_000;

interface Span {
  from: number;
  to: number;
  fenced: boolean;
  /** It names one of our tools. */
  ours: boolean;
}

function wordsAround(text: string, spans: readonly Span[]): number {
  let rest = '';
  let at = 0;
  for (const { from, to } of spans) {
    rest += text.slice(at, from);
    at = to;
  }
  return lengthOf(rest + text.slice(at));
}

function lengthOf(text: string): number {
  const words = text.replace(/<\/?[\w|:=-]+>/g, '').trim();
  return hasWords(words) ? words.length : 0;
}

const FENCE = /^[ \t]*(```|~~~)[^\n]*\n/gm;
const TAG =
  /^[ \t]*(?:<(tool_calls?|tool_use|function_calls?|(?:antml:)?(?:function_calls|invoke)|function)\b[^>\n]*>|<([a-z]\w*)>|(\[TOOL_CALLS\]|<[|｜]tool[^\n>]*[|｜]>|<\|python_tag\|>)|Action:[ \t]*([a-z]\w*)[ \t]*\nAction Input:|([a-z]\w*)\()/gm;
const JSON_START = /^[ \t]*[{[]/gm;

/** Pieces of markup, in their order. */
function findSpans(text: string, tools: readonly string[]): Span[] {
  const spans: Span[] = [];
  let at = 0;
  while (at < text.length) {
    const fence = from(FENCE, text, at);
    const plainEnd = fence?.index ?? text.length;
    plainSpans(text, at, plainEnd, tools, spans);
    // A call that was opened before the fence holds it: `<tool_call>` around a fenced object.
    const open = spans.at(-1);
    if (open !== undefined && open.to > plainEnd) {
      at = open.to;
      continue;
    }
    if (fence === null) break;
    const bodyFrom = fence.index + fence[0].length;
    const closing = text.indexOf(`\n${fence[1]}`, bodyFrom - 1);
    const bodyTo = closing < 0 ? text.length : closing;
    const end = closing < 0 ? text.length : closing + 4;
    const inside: Span[] = [];
    plainSpans(text, bodyFrom, bodyTo, tools, inside);
    if (inside.length > 0 && wordsAround(text.slice(bodyFrom, bodyTo), shifted(inside, bodyFrom)) === 0) {
      spans.push({ from: fence.index, to: end, fenced: true, ours: inside.some(({ ours }) => ours) });
    }
    at = end;
  }
  return spans;
}

const shifted = (spans: readonly Span[], by: number) =>
  spans.map((span) => ({ ...span, from: span.from - by, to: span.to - by }));

function plainSpans(
  text: string,
  begin: number,
  limit: number,
  tools: readonly string[],
  spans: Span[],
): void {
  let at = begin;
  while (at < limit) {
    const tag = within(from(TAG, text, at), limit);
    const json = within(from(JSON_START, text, at), limit);
    if (tag === null && json === null) return;
    if (tag !== null && (json === null || tag.index <= json.index)) {
      const span = taggedSpan(text, tag, tools);
      if (span !== undefined) spans.push(span);
      at = span?.to ?? tag.index + tag[0].length;
    } else if (json !== null) {
      const to = endOfJson(text, json.index);
      if (isCallJson(text.slice(json.index, to), tools))
        spans.push({ from: json.index, to, fenced: false, ours: true });
      at = to;
    }
  }
}

function from(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const within = (found: RegExpExecArray | null, limit: number) =>
  found !== null && found.index < limit ? found : null;

function taggedSpan(text: string, tag: RegExpExecArray, tools: readonly string[]): Span | undefined {
  const [opening, name, own, , action, called] = tag;
  const named = own ?? action ?? called;
  if (named !== undefined && !tools.includes(named)) return undefined;
  const bodyFrom = tag.index + opening.length;
  const closing = name ?? own;
  let to = text.length;
  if (closing !== undefined) {
    const end = text.indexOf(`</${closing}>`, bodyFrom);
    if (end >= 0) to = end + closing.length + 3;
  } else if (called !== undefined) {
    // `write_file(path="a.md", ...)` alone on its lines.
    const end = /\)[ \t]*(?:\n|$)/.exec(text.slice(bodyFrom));
    if (end === null) return undefined;
    to = bodyFrom + end.index + 1;
  }
  const whole = text.slice(tag.index, to);
  // `<function>` and `<invoke>` without a name are no call.
  if ((name === 'function' || name?.endsWith('invoke')) && !/<\S*?(?:function|invoke)[\s=]/.test(opening))
    return undefined;
  return { from: tag.index, to, fenced: false, ours: named !== undefined || namesTool(whole, tools) };
}

function namesTool(text: string, tools: readonly string[]): boolean {
  return tools.some((tool) => text.includes(tool));
}

/** Where the object or list that begins at `start` ends; the end of the text when it is not closed. */
function endOfJson(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

const NAME_KEYS = ['name', 'tool', 'tool_name', 'function_name', 'recipient_name', 'action', 'function'];
const INPUT_KEYS = ['arguments', 'parameters', 'input', 'args', 'params', 'tool_input', 'action_input'];
const SLOPPY_NAME = /"(?:name|tool|tool_name|function_name|function)"\s*:\s*"([\w.]+)"/;
const SLOPPY_INPUT = /"(?:arguments|parameters|input|args|params|tool_input)"\s*:/;

function isCallJson(json: string, tools: readonly string[]): boolean {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // Cut off, or with line breaks in its strings, as such models write it.
    const name = SLOPPY_NAME.exec(json)?.[1];
    return name !== undefined && isOurs(name, tools) && SLOPPY_INPUT.test(json);
  }
  return isCallValue(value, tools, 0);
}

function isOurs(name: string, tools: readonly string[]): boolean {
  return tools.includes(name.replace(/^functions?\./, ''));
}

function isCallValue(value: unknown, tools: readonly string[], depth: number): boolean {
  if (depth > 3 || typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value))
    return value.length > 0 && value.every((each) => isCallValue(each, tools, depth + 1));
  const fields = value as Record<string, unknown>;
  for (const wrapper of ['tool_calls', 'tool_call', 'function_call', 'function'])
    if (isCallValue(fields[wrapper], tools, depth + 1)) return true;
  const name = NAME_KEYS.map((key) => fields[key]).find((each) => typeof each === 'string');
  if (typeof name === 'string' && isOurs(name, tools))
    return fields['type'] === 'tool_use' || INPUT_KEYS.some((key) => key in fields);
  const [only, ...more] = Object.entries(fields);
  return only !== undefined && more.length === 0 && isOurs(only[0], tools) && typeof only[1] === 'object';
}
