import type Anthropic from '@anthropic-ai/sdk';
import type { Usage } from '@claude-flow/core/domain/task';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import { callWithRetry, type RetryNotice } from '@claude-flow/llm/call-with-retry';
import { meterUsage } from '@claude-flow/llm/cost';
import { countUsage } from '@claude-flow/llm/estimate-usage';
import { streamMessage } from '@claude-flow/llm/stream-message';
import type { PlanAnswer, PlanRequest } from './model-plan.ts';

export interface AskDeps {
  client: Anthropic;
  metrics: Metrics;
  log: Logger;
}

export interface AskOptions {
  swarmId: string;
  /** Ends the call and its retries; its reason is thrown. */
  signal: AbortSignal;
  /** Milliseconds of performance.now() after which nothing is tried again. */
  until: number;
  /** Asked before each call, so that none starts for a swarm that has ended; aborts `signal` when it says no. */
  confirm(): Promise<boolean>;
  /** Throws when the budget is used up; asked before each repetition. */
  requireBudget(): void;
  /** What a call cost that failed, as far as its server had reported it. */
  onFailed(usage: Usage): void;
  /** A call failed and is made again. */
  onRetry(notice: RetryNotice): void;
}

/** One planning call with its retries. @throws what `callWithRetry` throws */
export async function askModel(
  deps: AskDeps,
  request: PlanRequest,
  options: AskOptions,
): Promise<PlanAnswer> {
  const { client, metrics, log } = deps;
  const { signal, swarmId } = options;
  const left = Math.max(0, options.until - performance.now());
  const call = async (): Promise<PlanAnswer> => {
    await options.confirm();
    signal.throwIfAborted();
    let outcome = 'error';
    let told: Anthropic.Usage | undefined;
    const onUsage = (usage: Anthropic.Usage) => {
      told = usage;
    };
    try {
      // As a stream: of an answer that breaks off, the beginning says what it cost.
      const { message } = await streamMessage(client, request, {
        signal,
        onUsage,
      });
      outcome = 'ok';
      return { message, usage: spent(metrics, request, message.usage, message.content) };
    } catch (error) {
      if (told !== undefined) options.onFailed(spent(metrics, request, told, undefined));
      throw error;
    } finally {
      const model = meterUsage(request.model, {}).priced ? request.model : 'other';
      metrics.modelCalls.inc({ model, outcome: signal.aborted ? 'aborted' : outcome });
    }
  };
  return callWithRetry(call, {
    signal,
    beforeRetry: () => options.requireBudget(),
    limits: { overloadBudgetMs: left, retryBudgetMs: left },
    onRetry(notice) {
      const { failures, delayMs, failure } = notice;
      log.warn({ swarmId, failures, delayMs }, `Planning call failed, tried again: ${failure.sentence}`);
      options.onRetry(notice);
    },
  });
}

/** What a call cost, estimated where its server reported nothing; counted in the metrics too. */
function spent(
  metrics: Metrics,
  request: PlanRequest,
  reported: Anthropic.Usage,
  answered: readonly unknown[] | undefined,
): Usage {
  const counted = countUsage(reported, request, answered);
  const { usage, priced } = meterUsage(request.model, counted.reported);
  // A model that is not in the price list may have any name: it must not become a label.
  const model = priced ? request.model : 'other';
  for (const [kind, tokens] of [
    ['input', usage.inputTokens],
    ['output', usage.outputTokens],
    ['cache_read', usage.cacheReadTokens],
    ['cache_write', usage.cacheWriteTokens],
  ] as const) {
    metrics.modelTokens.inc({ model, kind }, tokens);
  }
  const { estimatedTokens } = counted;
  return estimatedTokens === 0 ? usage : { ...usage, estimatedTokens };
}
