import { ClaudeFlowError, type ErrorDetail } from '@claude-flow/core/domain/errors';
import { isRedisAway } from '@claude-flow/core/redis/connect';
import { HTTPException } from 'hono/http-exception';
import { ApiError } from './api-error.ts';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';

/** Seconds after which a client may ask again when Redis is away: reconnecting takes about that long. */
const REDIS_RETRY_AFTER_S = 1;

/** The same for any other 503: whoever asks again sooner gains nothing. */
const RETRY_AFTER_S = 1;

/** RFC 9457, and with it the `error` and `message` of the document this API follows. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: ProblemCode;
  requestId: string;
  error: string;
  message: string;
  details?: ErrorDetail[];
  retryAfter?: number;
}

export interface ProblemAnswer {
  problem: Problem;
  headers: Record<string, string>;
  /** Our own mistake: worth an error in the log. */
  unexpected: boolean;
}

interface Refusal {
  code: ProblemCode;
  message: string;
  details?: ErrorDetail[];
  retryAfter?: number | undefined;
  headers?: Record<string, string>;
}

/** What a client is told of any error. Never a stack, never the text of an error that is not ours. */
export function toProblem(error: unknown, request: { path: string; requestId: string }): ProblemAnswer {
  const refusal = classify(error);
  const { status, title } = PROBLEMS[refusal.code];
  const { details = [] } = refusal;
  // No 503 without: clients and balancers look for it.
  const retryAfter = refusal.retryAfter ?? (status === 503 ? RETRY_AFTER_S : undefined);
  return {
    problem: {
      type: `urn:claude-flow:problem:${refusal.code.replaceAll('_', '-')}`,
      title,
      status,
      detail: refusal.message,
      instance: request.path,
      code: refusal.code,
      requestId: request.requestId,
      error: title,
      message: refusal.message,
      ...(details.length === 0 ? {} : { details }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    },
    headers: {
      ...refusal.headers,
      ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
    },
    unexpected: status === 500,
  };
}

function classify(error: unknown): Refusal {
  if (error instanceof ApiError) return error;
  if (isRedisAway(error) || (error instanceof ClaudeFlowError && error.code === 'redis_unavailable')) {
    const message = 'The store behind this API cannot be reached at the moment. Try again shortly.';
    return { code: 'redis_unavailable', message, retryAfter: REDIS_RETRY_AFTER_S };
  }
  if (error instanceof ClaudeFlowError && PROBLEMS[error.code].status !== 500) return error;
  if (error instanceof HTTPException) return ofHttpException(error);
  const message = 'Something went wrong on our side. The request id finds it in the logs.';
  return { code: 'internal', message };
}

/** Hono's own refusals, of bodies. */
function ofHttpException(error: HTTPException): Refusal {
  switch (error.status) {
    case 400:
      return { code: 'malformed_json', message: 'The request body is not valid JSON.' };
    case 413:
      return { code: 'body_too_large', message: 'The request body is too large.' };
    case 415:
      return {
        code: 'unsupported_media_type',
        message: 'Send the body as JSON with the header Content-Type: application/json.',
      };
    default:
      return { code: 'internal', message: 'Something went wrong on our side.' };
  }
}
