/** Every error of ours has one of these codes; the API maps them to HTTP, the worker to a task outcome. */
export const ERROR_CODES = [
  'swarm_not_found',
  'task_not_found',
  'agent_not_found',
  'artifact_not_found',
  'approval_not_found',
  'approval_state_conflict',
  'key_not_found',
  'swarm_state_conflict',
  'task_state_conflict',
  'fenced',
  'idempotency_conflict',
  'limit_exceeded',
  'validation_failed',
  'artifact_too_large',
  'config_invalid',
  'redis_unavailable',
  'port_taken',
  'model_rejected',
  'model_unavailable',
  'model_refused',
  'task_timeout',
  'turn_limit',
  'no_result',
  'no_progress',
  'worker_lost',
  'poison',
  'internal',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetail {
  field: string;
  message: string;
}

/** The one error class. `message` is a sentence for a person and says what to do. */
export class ClaudeFlowError extends Error {
  override readonly name = 'ClaudeFlowError';
  readonly code: ErrorCode;
  /** May the same thing succeed later, unchanged? */
  readonly retryable: boolean;
  readonly details: ErrorDetail[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean; details?: ErrorDetail[] } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? [];
  }
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
