import { type DestinationStream, type Logger, pino } from 'pino';
import { scrub, withoutErrors } from './error-record.ts';

export type { Logger } from 'pino';

/** Paths that never reach a log line, wherever an object is logged. */
const SECRET_PATHS = [
  'apiKey',
  'authToken',
  'authorization',
  'token',
  'password',
  'secret',
  'jwtSecret',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'JWT_SECRET',
  'API_KEYS',
  'ADMIN_API_KEYS',
  'FRONTEND_API_KEY',
  'ADMIN_API_KEY',
  'REDIS_URL',
];
/** Two levels of nesting and request headers; nothing deeper is ever logged whole. */
export const REDACT = {
  paths: SECRET_PATHS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]).concat([
    'headers["x-api-key"]',
    '*.headers["x-api-key"]',
  ]),
  censor: '[redacted]',
};

export interface LoggerOptions {
  service: string;
  level?: string | undefined;
  base?: Record<string, unknown>;
  /** Where the lines go. Default: stdout. */
  destination?: DestinationStream;
}

/**
 * JSON lines on stdout. Through `process.stdout`, not pino's own writer: that one tries for ever to get rid of its last
 * lines when nobody reads them any more, and a process told to end would stay.
 */
export function createLogger(options: LoggerOptions): Logger {
  outliveReader();
  return pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service, pid: process.pid, ...options.base },
      redact: REDACT,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => withoutErrors(fields),
      },
      // Instead of pino's own, which writes down whatever hangs on an error.
      serializers: { err: (record: unknown) => record },
      hooks: {
        // Without a sentence of ours pino takes the error's own message as it is.
        logMethod([first, ...rest], method) {
          const error = errorAmong(first);
          if (error === undefined || rest[0] !== undefined) method.apply(this, [first, ...rest]);
          else method.apply(this, [first instanceof Error ? { err: first } : first, scrub(error.message)]);
        },
      },
    },
    options.destination ?? { write: (line: string) => process.stdout.write(oneLine(line)) },
  );
}

function errorAmong(first: unknown): Error | undefined {
  if (first instanceof Error) return first;
  const error = typeof first === 'object' && first !== null ? Reflect.get(first, 'err') : undefined;
  return error instanceof Error ? error : undefined;
}

/** Many readers end a line at these too, so that a text of a stranger's could pose as a line of ours. */
function oneLine(json: string): string {
  return json.replace(
    /[\u2028\u2029\u0085]/g,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A reader of our log that is gone loses its lines; the work goes on. */
function outliveReader(): void {
  if (!process.stdout.listeners('error').includes(ignore)) process.stdout.on('error', ignore);
}

function ignore(): void {}

/** `LOG_LEVEL` wins over `CLAUDE_FLOW_LOG_LEVEL`. */
export function logLevel(env: {
  LOG_LEVEL?: string | undefined;
  CLAUDE_FLOW_LOG_LEVEL?: string | undefined;
}): string {
  return env.LOG_LEVEL ?? env.CLAUDE_FLOW_LOG_LEVEL ?? 'info';
}
