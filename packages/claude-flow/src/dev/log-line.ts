import { type Palette, palette } from '../terminal/palette.ts';
import { safeLine } from '../terminal/safe-text.ts';

export interface LogLineOptions {
  /** Columns that the processes' names take. */
  nameWidth: number;
  colours: boolean;
}

type LogRecord = Record<string, unknown>;

const LEVEL_PAINT: Record<string, keyof Palette> = {
  debug: 'dim',
  trace: 'dim',
  info: 'good',
  warn: 'warn',
  error: 'bad',
  fatal: 'bad',
};
/** Said already by the line's other parts. */
const SAID = new Set([
  'level',
  'time',
  'service',
  'pid',
  'hostname',
  'msg',
  'message',
  'event',
  'workerId',
  'err',
  'ports',
  'urls',
]);

function parse(text: string): LogRecord | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as LogRecord;
  } catch {
    return undefined;
  }
}

function clock(time: unknown): string {
  const date = new Date(typeof time === 'number' ? time : Date.now());
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((n) => String(n).padStart(2, '0'))
    .join(':');
}

const shown = (value: unknown): string => safeLine(typeof value === 'string' ? value : JSON.stringify(value));

function stackLines(record: LogRecord): string[] {
  const error = record['err'] as { stack?: unknown; message?: unknown } | undefined;
  const stack = error?.stack ?? error?.message;
  return typeof stack === 'string' ? stack.split('\n').map(safeLine) : [];
}

/**
 * One line of a process's log as a person reads it: time, process, level, message, fields; a stack below it. What is
 * not a JSON log line is shown as it is.
 */
export function readableLog(process: string, text: string, options: LogLineOptions): string[] {
  const paint = palette(options.colours);
  const name = paint.active(process.padEnd(options.nameWidth));
  const record = parse(text);
  if (record === undefined) return [`${paint.dim(clock(undefined))} ${name}       ${safeLine(text)}`];
  const level = safeLine(String(record['level'] ?? 'info'));
  const head = `${paint.dim(clock(record['time']))} ${name} ${paint[LEVEL_PAINT[level] ?? 'bold'](level.padEnd(5))}`;
  const fields = Object.entries(record)
    .filter(([key]) => !SAID.has(key))
    .map(([key, value]) => `${safeLine(key)}=${shown(value)}`)
    .join(' ');
  const message = shown(record['msg'] ?? record['message'] ?? record['event'] ?? '');
  const line = `${head} ${message}${fields === '' ? '' : ` ${paint.dim(fields)}`}`;
  return [line, ...stackLines(record).map((stack) => `${' '.repeat(9)}${name}       ${paint.dim(stack)}`)];
}
