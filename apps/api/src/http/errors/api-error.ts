import type { ErrorDetail } from '@claude-flow/core/domain/errors';
import type { ApiErrorCode, ProblemCode } from './problem-codes.ts';

/** A refusal of the front door itself. The ledger's own come as ClaudeFlowError; both end as one problem document. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ProblemCode;
  readonly details: ErrorDetail[];
  /** Seconds until the same request may do better. */
  readonly retryAfter: number | undefined;
  readonly headers: Record<string, string>;

  constructor(
    code: ApiErrorCode | 'validation_failed' | 'limit_exceeded' | 'redis_unavailable',
    message: string,
    extra: { details?: ErrorDetail[]; retryAfter?: number; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.code = code;
    this.details = extra.details ?? [];
    this.retryAfter = extra.retryAfter;
    this.headers = extra.headers ?? {};
  }
}
