import { ClaudeFlowApiError, errorFromAnswer } from './api-error.ts';
import { backOffMs, type Deadline, deadline, sleep } from './waiting.ts';

/** Tries after the first one, for what may safely be repeated. */
export const DEFAULT_RETRIES = 4;
/** One try may take this long: the API answers within a second or says 503. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** A server that asks for a longer rest than this is not waited for: the caller gets the error, with `retryAfter`. */
const LONGEST_RETRY_AFTER_S = 30;
/** Four tries rest about 250, 500, 1,000 and 2,000 ms: over a restart of the server, not over an outage. */
const BACK_OFF = { baseMs: 250, capMs: 8_000 };
const TEMPORARY = new Set([429, 502, 503, 504]);

export interface Credentials {
  apiKey?: string | null | undefined;
  /** A JWT. */
  token?: string | undefined;
}

export function authHeaders({ apiKey, token }: Credentials): Record<string, string> {
  return {
    ...(apiKey ? { 'X-API-Key': apiKey } : {}),
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
}

/** What a call needs of its client. */
export interface Transport {
  baseUrl: string;
  /** Authentication and the user's own. */
  headers: Record<string, string>;
  fetch: typeof globalThis.fetch;
  retries: number;
  timeoutMs: number;
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'DELETE';
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** The same request twice does no harm: it is tried again when there was no answer. Default: only GET. */
  repeatable?: boolean;
  signal?: AbortSignal | undefined;
}

/** How long to wait before trying again, in milliseconds; undefined when the error is final. */
export function retryDelay(
  error: ClaudeFlowApiError,
  failures: number,
  limits: { retries: number; repeatable: boolean; random: number },
): number | undefined {
  if (failures > limits.retries) return undefined;
  // Wherever it leads, it leads there the next time too.
  if (error.code === 'redirected') return undefined;
  // 429 was refused before anything was done, so even what must not run twice may be sent again.
  const retryable =
    error.status === 429 || (limits.repeatable && (error.status === 0 || TEMPORARY.has(error.status)));
  if (!retryable) return undefined;
  const asked = error.retryAfter ?? 0;
  if (asked > LONGEST_RETRY_AFTER_S) return undefined;
  return Math.max(asked * 1000, backOffMs(failures, limits.random, BACK_OFF));
}

function networkError(
  transport: Transport,
  path: string,
  limit: Deadline,
  cause: unknown,
): ClaudeFlowApiError {
  if (limit.expired) {
    const message = `${transport.baseUrl}${path} did not answer within ${transport.timeoutMs / 1000} s.`;
    return new ClaudeFlowApiError(message, { status: 0, code: 'timeout', cause });
  }
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const why = inner instanceof Error ? inner.message || inner.name : String(inner);
  const message = `Cannot reach ${transport.baseUrl}: ${why}. Is the API running there?`;
  return new ClaudeFlowApiError(message, { status: 0, code: 'network_error', cause });
}

/**
 * A redirect would make a GET of a creation, and take the key along to another server. So none is followed.
 * @throws ClaudeFlowApiError `redirected`
 */
export function refuseRedirect(answer: Response, { baseUrl }: Transport): void {
  const redirect = answer.type === 'opaqueredirect' || (answer.status >= 300 && answer.status < 400);
  if (!redirect) return;
  // Browsers do not tell where it leads.
  const target = answer.headers.get('location');
  const where = target === null ? 'elsewhere' : `to ${target}`;
  const message = `${baseUrl} redirects ${where}. Redirects are not followed: give the client the final address.`;
  throw new ClaudeFlowApiError(message, { status: answer.status, code: 'redirected' });
}

async function tryOnce<T>(
  transport: Transport,
  path: string,
  options: RequestOptions,
  read: (answer: Response) => Promise<T>,
): Promise<T> {
  // Called as a plain function: browsers refuse a fetch that is called as a method of another object.
  const { fetch } = transport;
  const limit = deadline(transport.timeoutMs, options.signal);
  try {
    const answer = await fetch(`${transport.baseUrl}${path}`, {
      method: options.method ?? 'GET',
      headers: {
        Accept: 'application/json',
        ...transport.headers,
        ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal: limit.signal,
      redirect: 'manual',
    });
    refuseRedirect(answer, transport);
    if (!answer.ok) throw errorFromAnswer(answer, await answer.text(), Date.now());
    return await read(answer);
  } catch (error) {
    if (error instanceof ClaudeFlowApiError) throw error;
    if (options.signal?.aborted) throw options.signal.reason;
    throw networkError(transport, path, limit, error);
  } finally {
    limit.end();
  }
}

/**
 * Sends a request, again when that is safe and may help, and gives what `read` makes of the answer.
 * @throws ClaudeFlowApiError; the signal's reason when aborted
 */
export async function request<T>(
  transport: Transport,
  path: string,
  options: RequestOptions,
  read: (answer: Response) => Promise<T>,
): Promise<T> {
  const repeatable = options.repeatable ?? (options.method ?? 'GET') === 'GET';
  for (let failures = 1; ; failures += 1) {
    try {
      return await tryOnce(transport, path, options, read);
    } catch (error) {
      if (!(error instanceof ClaudeFlowApiError)) throw error;
      const random = Math.random();
      const delay = retryDelay(error, failures, { retries: transport.retries, repeatable, random });
      if (delay === undefined) throw error;
      await sleep(delay, options.signal);
    }
  }
}

async function readJson(answer: Response): Promise<unknown> {
  const body = await answer.text();
  try {
    return JSON.parse(body);
  } catch (cause) {
    const message = `${answer.url} answered with something that is not JSON. Is this the address of a claude-flow API?`;
    throw new ClaudeFlowApiError(message, { status: answer.status, code: 'not_json', cause });
  }
}

/** A request whose answer is JSON of the given shape. */
export async function requestJson<T>(
  transport: Transport,
  path: string,
  options: RequestOptions = {},
): Promise<T> {
  return (await request(transport, path, options, readJson)) as T;
}
