import { setTimeout as sleep } from 'node:timers/promises';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { classifyModelError, type ModelFailure } from './model-errors.ts';
import {
  MODEL_OVERLOAD_BUDGET_MS,
  MODEL_RETRY_BASE_MS,
  MODEL_RETRY_BUDGET_MS,
  MODEL_RETRY_CAP_MS,
  RETRY_AFTER_JITTER,
} from './tunables.ts';

export interface RetryNotice {
  /** Failed calls so far, from 1. */
  failures: number;
  delayMs: number;
  failure: ModelFailure;
}

export interface RetryOptions {
  /** Ends the call and the waiting at once; its reason is thrown. */
  signal: AbortSignal;
  /** Ends only the waiting between two calls; its reason is thrown. A call that runs goes on. */
  waitSignal?: AbortSignal | undefined;
  onRetry?: ((notice: RetryNotice) => void) | undefined;
  /**
   * Awaited after the waiting and before the call is made again. What it throws ends the whole call and is thrown as it
   * is: for a budget that the failed calls have used up.
   */
  beforeRetry?: ((notice: RetryNotice) => Promise<void> | void) | undefined;
  /** For tests; the tunables otherwise. Milliseconds. */
  limits?: Partial<RetryLimits> | undefined;
  random?: () => number;
}

export interface RetryLimits {
  baseMs: number;
  capMs: number;
  retryBudgetMs: number;
  overloadBudgetMs: number;
}

const LIMITS: RetryLimits = {
  baseMs: MODEL_RETRY_BASE_MS,
  capMs: MODEL_RETRY_CAP_MS,
  retryBudgetMs: MODEL_RETRY_BUDGET_MS,
  overloadBudgetMs: MODEL_OVERLOAD_BUDGET_MS,
};

/**
 * Makes one model call until it succeeds, cannot succeed, or its time is up.
 * @throws ClaudeFlowError `model_rejected` (not retryable), `model_unavailable` (retryable; the SDK's error is the cause);
 *   the signal's reason; an error that is not of the model as it is
 */
export async function callWithRetry<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const limits = { ...LIMITS, ...options.limits };
  const random = options.random ?? Math.random;
  let firstFailureAt: number | undefined;
  for (let failures = 1; ; failures += 1) {
    options.signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      options.signal.throwIfAborted();
      const failure = classifyModelError(error);
      if (failure.kind !== 'retry' && failure.kind !== 'overloaded') throw final(error, failure);
      firstFailureAt ??= performance.now();
      const delayMs = retryDelay(failure, failures, limits, random());
      const budgetMs = failure.kind === 'overloaded' ? limits.overloadBudgetMs : limits.retryBudgetMs;
      if (performance.now() - firstFailureAt + delayMs > budgetMs) throw gaveUp(error, failure, failures);
      const notice: RetryNotice = { failures, delayMs, failure };
      options.onRetry?.(notice);
      await wait(delayMs, options);
      await options.beforeRetry?.(notice);
    }
  }
}

/** Our own back-off, or what the provider asks for when that is longer: a server that says 0 is not called in a loop. */
function retryDelay(failure: ModelFailure, failures: number, limits: RetryLimits, random: number): number {
  const step = Math.min(limits.capMs, limits.baseMs * 2 ** (failures - 1));
  const backOff = step / 2 + (step / 2) * random;
  const asked = (failure.retryAfterMs ?? 0) * (1 + RETRY_AFTER_JITTER * random);
  return Math.round(Math.max(backOff, asked));
}

async function wait(delayMs: number, { signal, waitSignal }: RetryOptions): Promise<void> {
  const either = waitSignal === undefined ? signal : AbortSignal.any([signal, waitSignal]);
  await sleep(delayMs, undefined, { signal: either }).catch(() => undefined);
  signal.throwIfAborted();
  waitSignal?.throwIfAborted();
}

function final(error: unknown, failure: ModelFailure): unknown {
  if (failure.code !== 'model_rejected' || error instanceof ClaudeFlowError) return error;
  return new ClaudeFlowError('model_rejected', failure.sentence, { cause: error });
}

function gaveUp(error: unknown, failure: ModelFailure, failures: number): ClaudeFlowError {
  const tries = failures === 1 ? 'once' : `${failures} times`;
  const message = `${failure.sentence} Tried ${tries}; giving up for now.`;
  return new ClaudeFlowError('model_unavailable', message, { cause: error, retryable: true });
}
