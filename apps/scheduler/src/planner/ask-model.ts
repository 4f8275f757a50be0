import type Anthropic from '@anthropic-ai/sdk';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import { callWithRetry } from '@claude-flow/llm/call-with-retry';
import { meterUsage } from '@claude-flow/llm/cost';
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
    try {
      const message = await client.messages.create(request, { signal });
      outcome = 'ok';
      const { usage, priced } = meterUsage(request.model, message.usage);
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
      return { message, usage };
    } finally {
      const model = meterUsage(request.model, {}).priced ? request.model : 'other';
      metrics.modelCalls.inc({ model, outcome: signal.aborted ? 'aborted' : outcome });
    }
  };
  return callWithRetry(call, {
    signal,
    limits: { overloadBudgetMs: left, retryBudgetMs: left },
    onRetry: ({ failures, delayMs, failure }) =>
      log.warn({ swarmId, failures, delayMs }, `Planning call failed, tried again: ${failure.sentence}`),
  });
}
