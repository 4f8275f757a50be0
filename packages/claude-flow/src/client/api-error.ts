/**
 * One field of a request that is wrong. `field` is a path such as `tasks[0].name`; `message` says what to do.
 */
export interface ErrorDetail {
  field: string;
  message: string;
}

export interface ApiErrorFields {
  status: number;
  code: string;
  details?: ErrorDetail[];
  requestId?: string;
  retryAfter?: number;
  cause?: unknown;
}

/**
 * What every failed call throws. The message begins with `HTTP <status>:` when the server answered.
 * @example
 * try {
 *   await client.getSwarmStatus('swarm_unknown');
 * } catch (error) {
 *   if (error instanceof ClaudeFlowApiError) console.log(error.status, error.code, error.details);
 * }
 */
export class ClaudeFlowApiError extends Error {
  /** Always `ClaudeFlowApiError`. */
  override readonly name = 'ClaudeFlowApiError';
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The server's word for it, else `network_error`, `timeout` or `http_<status>`. */
  readonly code: string;
  /** What is wrong with which field of the request. */
  readonly details: ErrorDetail[];
  /** Names the request, for the operators of the server. */
  readonly requestId: string | undefined;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter: number | undefined;

  /**
   * Made by the client; a program makes one only in its own tests.
   * @example
   * const error = new ClaudeFlowApiError('HTTP 429: Too many requests.', { status: 429, code: 'limit_exceeded', retryAfter: 3 });
   */
  constructor(message: string, fields: ApiErrorFields) {
    super(message, fields.cause === undefined ? {} : { cause: fields.cause });
    this.status = fields.status;
    this.code = fields.code;
    this.details = fields.details ?? [];
    this.requestId = fields.requestId;
    this.retryAfter = fields.retryAfter;
  }
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function readDetails(value: unknown): ErrorDetail[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry) => {
    const { field, message } = asRecord(entry);
    return { field: text(field) ?? '', message: text(message) ?? '' };
  });
}

/** Seconds to wait by a Retry-After header, which holds seconds or a date. */
function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

function parseBody(body: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(body));
  } catch {
    return {};
  }
}

/** Makes an error of an answer that is not 2xx, whether the API wrote it or something in front of it. */
export function errorFromAnswer(
  answer: { status: number; statusText: string; headers: Headers },
  body: string,
  now: number,
): ClaudeFlowApiError {
  const problem = parseBody(body);
  const details = readDetails(problem['details']);
  const sentence =
    text(problem['message']) ?? text(problem['detail']) ?? text(problem['error']) ?? text(answer.statusText);
  const fields = details.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
  const told = [sentence ?? 'The server gave no reason.', ...fields].join(' ');
  const requestId = text(problem['requestId']) ?? text(answer.headers.get('x-request-id'));
  const inBody = Number(problem['retryAfter'] ?? Number.NaN);
  const retryAfter =
    readRetryAfter(answer.headers.get('retry-after'), now) ?? (Number.isFinite(inBody) ? inBody : undefined);
  return new ClaudeFlowApiError(`HTTP ${answer.status}: ${told}`, {
    status: answer.status,
    code: text(problem['code']) ?? `http_${answer.status}`,
    details,
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}
