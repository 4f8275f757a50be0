import { cutText } from '../domain/cut-text.ts';

/** An error as it may be logged. */
export interface ErrorRecord {
  type: string;
  code?: string;
  message: string;
  stack?: string;
  /** Name of the Redis command that failed. Never its arguments: they hold passwords, secrets, prompts and files. */
  command?: string;
  cause?: ErrorRecord;
  /** Of an AggregateError, the first few. */
  errors?: ErrorRecord[];
}

/** Causes of causes that are followed; a chain is rarely longer, and one that bites its own tail has to end. */
const DEPTH = 5;
/** Errors of one AggregateError that are kept. */
const ERRORS_KEPT = 5;
const TEXT_CHARS = 2_000;
const FRAMES_CHARS = 4_000;

/**
 * What a log may say about an error: a closed list of fields, since libraries hang whole commands, requests and inputs on
 * their errors. Messages lose what is known to quote an input.
 */
export function errorRecord(error: unknown, depth = DEPTH): ErrorRecord {
  if (!(error instanceof Error)) return { type: typeof error, message: shortened(scrub(textOf(error))) };
  const type = error.constructor.name === 'Error' ? error.name : error.constructor.name;
  const code = fieldOf(error, 'code');
  const command = commandOf(error);
  const message = shortened(scrub(error.message));
  const frames = framesOf(error);
  const record: ErrorRecord = { type, message, stack: `${type}: ${message}${frames}` };
  if (typeof code === 'string' || typeof code === 'number') record.code = String(code);
  if (command !== undefined) record.command = command;
  if (depth > 0) {
    // ioredis names the error of the node that it asked last so.
    const cause = error.cause ?? fieldOf(error, 'lastNodeError');
    if (cause !== undefined && cause !== null) record.cause = errorRecord(cause, depth - 1);
    if (error instanceof AggregateError) {
      record.errors = error.errors.slice(0, ERRORS_KEPT).map((one: unknown) => errorRecord(one, depth - 1));
    }
  }
  return record;
}

/** An error on several lines, for a terminal. */
export function errorText(error: unknown): string {
  const record = errorRecord(error);
  const lines = [record.stack ?? `${record.type}: ${record.message}`];
  for (let cause = record.cause; cause !== undefined; cause = cause.cause) {
    lines.push(`caused by ${cause.stack ?? `${cause.type}: ${cause.message}`}`);
  }
  return lines.join('\n');
}

/** Everything that is an error in a log line's fields as a record of it, in lists and one object deep too. */
export function withoutErrors(fields: object, depth = 1): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value, depth)]));
}

function plain(value: unknown, depth: number): unknown {
  if (value instanceof Error) return errorRecord(value);
  if (depth === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => plain(one, depth - 1));
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? withoutErrors(value, depth - 1) : value;
}

/** A text without what is known to carry secrets: logins in addresses, arguments that Redis repeats, JSON that is no JSON. */
export function scrub(text: string): string {
  return (
    text
      // Redis, about a command that it does not know.
      .replace(/,? with args beginning with:[\s\S]*/i, '')
      // A parser, about what it was given.
      .replace(/(?:\.\.\.)?"[\s\S]*"(?:\.\.\.)? is not valid JSON/, 'the text is not valid JSON')
      .replace(/([a-z][a-z0-9+.-]*:\/\/)\S*@/gi, '$1')
      .replace(/([?&](?:password|token|secret|key|api_key)=)[^\s&"']*/gi, '$1[redacted]')
  );
}

function shortened(text: string): string {
  return cutText(text, TEXT_CHARS, '...');
}

function framesOf({ stack = '' }: Error): string {
  const first = /\n\s+at /.exec(stack);
  return first === null ? '' : stack.slice(first.index, first.index + FRAMES_CHARS);
}

function commandOf(error: Error): string | undefined {
  const command = fieldOf(error, 'command');
  const name = typeof command === 'object' && command !== null ? Reflect.get(command, 'name') : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** Some errors have getters that throw. */
function fieldOf(error: Error, name: string): unknown {
  try {
    return Reflect.get(error, name);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  // An object that was thrown may hold anything.
  return typeof value === 'object' && value !== null
    ? `a ${value.constructor?.name ?? 'value'} was thrown`
    : String(value);
}
