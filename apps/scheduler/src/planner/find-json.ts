import { errorMessage } from '@claude-flow/core/domain/errors';
import { jsonrepair } from 'jsonrepair';

/** A value that stands somewhere in a model's answer. */
export interface FoundValue {
  value: unknown;
  /** What had to be mended to read it, each a sentence. */
  mended: string[];
  /** Brackets were still open at the end: the answer may be cut off. */
  unclosed?: true;
}

interface Found {
  found: FoundValue[];
  error?: string | undefined;
}

/** Characters of an answer that are looked at: several times the longest plan. */
const MAX_ANSWER = 200_000;
/** Brackets from which a value is looked for: prose has a few of its own. */
const MAX_STARTS = 100;

/**
 * All JSON values in an answer that are objects or lists, outermost only, in their order. Models whose server does not enforce
 * structured output think aloud, explain, fence their code, and write commas, quotes and comments that JSON does not have.
 * @returns `error`: why something, or everything, could not be read
 */
export function findJson(answer: string): Found {
  const whole = strict(answer);
  if (whole !== undefined) return { found: [{ value: whole, mended: [] }] };
  const text = answer.slice(0, MAX_ANSWER);
  const thoughtsEnd = [...text.matchAll(END_OF_THOUGHTS)].at(-1);
  if (thoughtsEnd === undefined) return valuesIn(text);
  const after = valuesIn(text.slice(thoughtsEnd.index + thoughtsEnd[0].length));
  if (after.found.length === 0) return valuesIn(text);
  const mended = ['Thoughts before the plan were left out.'];
  return { ...after, found: after.found.map((one) => ({ ...one, mended: [...mended, ...one.mended] })) };
}

/** Some servers take the opening tag away and leave the closing one. */
const END_OF_THOUGHTS = /<\/(?:think|thinking|thought|thoughts|reasoning|scratchpad)>/gi;

function valuesIn(text: string): Found {
  const found: FoundValue[] = [];
  let error: string | undefined;
  let unclosedFrom: number | undefined;
  const read = (from: number, end: number) => {
    const outcome = lenient(text.slice(from, end));
    if ('error' in outcome) error = outcome.error;
    else found.push(outcome);
  };
  let start = nextBracket(text, 0);
  for (let starts = 0; start !== undefined && starts < MAX_STARTS; starts += 1) {
    const end = closingBracket(text, start);
    if (end === undefined) unclosedFrom ??= start;
    else read(start, end);
    start = nextBracket(text, end ?? start + 1);
  }
  if (unclosedFrom === undefined) return { found, error };
  // A missing quote or bracket upsets the count: then everything up to the last bracket is one value.
  const end = endOfUnclosed(text, unclosedFrom);
  if (end === undefined) error = 'it ends in the middle';
  else read(unclosedFrom, end);
  return { found: found.map((one) => ({ ...one, unclosed: true })), error };
}

function strict(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function lenient(text: string): { value: unknown; mended: string[] } | { error: string } {
  const value = strict(text);
  if (value !== undefined) return { value, mended: [] };
  try {
    return {
      value: JSON.parse(jsonrepair(text)) as unknown,
      mended: ['Its JSON had faults, which were mended.'],
    };
  } catch (error) {
    // Also for brackets nested so deeply that the stack does not suffice.
    return { error: errorMessage(error) };
  }
}

function nextBracket(text: string, from: number): number | undefined {
  const at = text.slice(from).search(/[{[]/);
  return at === -1 ? undefined : from + at;
}

/** The place after the bracket that closes the one at `start`. */
function closingBracket(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** Undefined when the text breaks off in the middle of a value: what is there is not the whole plan. */
function endOfUnclosed(text: string, start: number): number | undefined {
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
  if (end <= start) return undefined;
  const after = text.slice(end).replaceAll('`', '').trim();
  const evenQuotes = (text.slice(start, end).match(/(?<!\\)"/g)?.length ?? 0) % 2 === 0;
  const broken = /^[,:"{[]/.test(after) || (!evenQuotes && after !== '');
  return broken ? undefined : end;
}
