import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError, type ErrorCode, errorMessage } from '@claude-flow/core/domain/errors';
import { retryDelayMs } from '@claude-flow/core/domain/retry';
import { classifyModelError } from '@claude-flow/llm/model-errors';
import { FAILURE_MESSAGE_CHARS } from '../tunables.ts';

export interface TaskFailure {
  code: ErrorCode;
  /** A sentence for the person whose task it is. */
  message: string;
  /** Another attempt may succeed. */
  retryable: boolean;
  delayMs: number;
}

/**
 * What the ledger is told when an attempt ended in an error.
 * @param failures earlier attempts that failed
 * @param random 0..1
 */
export function toTaskFailure(error: unknown, failures: number, random: number): TaskFailure {
  const known = error instanceof ClaudeFlowError ? error : undefined;
  const code = known?.code ?? 'internal';
  const message =
    known === undefined || code === 'internal'
      ? `The worker met an error of its own while it ran this task (${errorMessage(error)}). Its log says more.`
      : known.message;
  const delayMs = Math.max(retryDelayMs(failures + 1, random), askedToWait(known));
  return { code, message: cutText(message, FAILURE_MESSAGE_CHARS), retryable: mayHelp(code), delayMs };
}

/** Would another attempt, which goes on from the journal, have a chance? */
function mayHelp(code: ErrorCode): boolean {
  switch (code) {
    case 'model_unavailable':
    case 'task_timeout':
    case 'redis_unavailable':
    case 'worker_lost':
    case 'internal':
      return true;
    case 'model_rejected':
    case 'model_refused':
    case 'turn_limit':
    // The journal decides: another attempt would meet the same end at once, and the model was told already.
    case 'no_result':
    case 'no_progress':
    case 'limit_exceeded':
    case 'artifact_too_large':
    case 'artifact_not_found':
    case 'validation_failed':
    case 'config_invalid':
    case 'poison':
    case 'swarm_not_found':
    case 'task_not_found':
    case 'agent_not_found':
    case 'approval_not_found':
    case 'approval_state_conflict':
    case 'key_not_found':
    case 'swarm_state_conflict':
    case 'task_state_conflict':
    case 'idempotency_conflict':
    case 'port_taken':
    case 'fenced':
      return false;
    default:
      return unknownCode(code);
  }
}

/** Only reached when a code was added and forgotten here; the type checker says so first. */
function unknownCode(_code: never): boolean {
  return false;
}

/** A provider that asked to be left alone for longer than the back-off is left alone. */
function askedToWait(error: ClaudeFlowError | undefined): number {
  if (error?.code !== 'model_unavailable') return 0;
  return classifyModelError(error.cause).retryAfterMs ?? 0;
}
