import type { ContentfulStatusCode } from 'hono/utils/http-status';

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'invalid bearer token or x-api-key',
  402: 'Your credit balance is too low to access the API.',
  403: 'Your API key does not have permission to use the specified resource.',
  404: 'Not found',
  408: 'Request timed out',
  409: 'The request conflicts with the current state of the resource.',
  413: 'Request exceeds the maximum size',
  429: 'This request would exceed the rate limit for your organization.',
  500: 'Internal server error',
  503: 'The service is temporarily unavailable.',
  504: 'The request timed out while processing. Consider streaming.',
  529: 'Overloaded',
};

/** The `error.type` that goes with an HTTP status. */
const errorType = (status: number): string =>
  TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');

/** The message for a status nobody wrote a more exact one for. */
export const errorMessage = (status: number): string => MESSAGES[status] ?? `Simulated status ${status}`;

/** A refusal with the status, type and headers of the real API. Thrown by handlers, rendered once in `app.ts`. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message = errorMessage(status), headers: Record<string, string> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.type = errorType(status);
    this.headers = headers;
  }
}

/** 400 `invalid_request_error`. */
export const badRequest = (message: string): ApiError => new ApiError(400, message);

/** Body of every error response; also the data of a mid-stream `error` event. */
export const errorBody = (type: string, message: string, requestId: string) => ({
  type: 'error' as const,
  error: { type, message },
  request_id: requestId,
});

/** Hono's type knows only registered statuses; 529 is real here. */
export const asStatus = (status: number): ContentfulStatusCode => status as ContentfulStatusCode;
