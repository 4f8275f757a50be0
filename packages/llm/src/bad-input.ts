/**
 * A tool's input that is no JSON object. The provider wants an object back in every later request, so the model's own
 * text is kept in one, under a name that no tool has; whoever runs tools answers such a call with the reason.
 */
const WRITTEN = '__input_is_not_json';
const REASON = 'reason';

/** @param written what the model wrote @param reason a sentence: the parser's */
export function badInput(written: string, reason: string): Record<string, unknown> {
  return { [WRITTEN]: written, [REASON]: reason };
}

/** Why a tool's input cannot be used, in a sentence for the model; undefined: it is an ordinary input. */
export function whyBadInput(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null || !(WRITTEN in input)) return undefined;
  const reason = REASON in input && typeof input[REASON] === 'string' ? input[REASON] : 'It cannot be read.';
  return `Not run: the input of this call is not a JSON object. ${reason} Make the call again with valid JSON; quotes, backslashes and line breaks inside a string have to be escaped.`;
}

/**
 * The input of a tool call as an object: what was written when it is one, else a marked one with the reason.
 * @param written JSON text, or a value that a server parsed already
 */
export function toolInput(written: unknown): Record<string, unknown> {
  if (isObject(written)) return written;
  if (written === undefined || written === null) return {};
  if (typeof written !== 'string') return badInput(JSON.stringify(written) ?? '', kindOf(written));
  if (written.trim() === '') return {};
  const first = parse(written);
  // Some servers write the JSON twice: a text that holds the object's text.
  const value = typeof first.value === 'string' ? parse(first.value).value : first.value;
  if (isObject(value)) return value;
  return badInput(written, first.fault ?? kindOf(first.value));
}

function parse(text: string): { value?: unknown; fault?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { fault: `The parser says: ${error instanceof Error ? error.message : String(error)}.` };
  }
}

function kindOf(value: unknown): string {
  const kind = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
  return `It is ${kind}.`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
