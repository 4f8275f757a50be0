import Anthropic from '@anthropic-ai/sdk';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import { callWithRetry, type RetryNotice } from '@claude-flow/llm/call-with-retry';
import { type MeteredUsage, meterUsage } from '@claude-flow/llm/cost';
import { classifyModelError } from '@claude-flow/llm/model-errors';
import { streamMessage } from '@claude-flow/llm/stream-message';
import { type CountedCall, countCall } from './count-turn.ts';

export interface AskModelDeps {
  client: Anthropic;
  metrics: Metrics;
}

/** A call that came to nothing, and what it cost as far as its server reported it. */
export interface FailedCall extends CountedCall {
  /** What went wrong, in a sentence. */
  reason: string;
  requestId: string | null;
}

export interface AskModelOptions {
  /** Ends the call at once. */
  signal: AbortSignal;
  /** Ends the waiting between two tries. */
  drain: AbortSignal;
  onText(text: string): void;
  onRetry(notice: RetryNotice): void;
  /** Writes a failed call down at once; what it throws ends the calling. */
  onFailed(call: FailedCall): Promise<void>;
  /** Asks for leave to call again; what it throws ends the calling. */
  beforeRetry(notice: RetryNotice): Promise<void>;
}

export interface ModelAnswer extends CountedCall {
  message: Anthropic.Message;
  requestId: string | null;
}

/** One turn of the model, tried again as long as that makes sense. @throws what `callWithRetry` and the options' functions throw */
export async function askModel(
  deps: AskModelDeps,
  request: Anthropic.MessageStreamParams,
  options: AskModelOptions,
): Promise<ModelAnswer> {
  const { signal, drain, onText, onRetry, beforeRetry } = options;
  const { model } = request;
  const call = async () => {
    let told: Anthropic.Usage | undefined;
    const onUsage = (usage: Anthropic.Usage) => {
      told = usage;
    };
    try {
      const answer = await streamMessage(deps.client, request, {
        signal,
        onText,
        onUsage,
      });
      countOutcome(deps.metrics, model, 'ok');
      return answer;
    } catch (error) {
      const { kind, sentence } = classifyModelError(error);
      countOutcome(deps.metrics, model, kind);
      // The server has begun to answer: what it was sent is paid for.
      if (told !== undefined) {
        const counted = countCall(model, told, request, undefined);
        countTokens(deps.metrics, model, counted);
        await options.onFailed({ ...counted, reason: sentence, requestId: requestIdOf(error) });
      }
      throw error;
    }
  };
  const { message, requestId } = await callWithRetry(call, {
    signal,
    waitSignal: drain,
    onRetry,
    beforeRetry,
  });
  const counted = countCall(model, message.usage, request, message.content);
  countTokens(deps.metrics, model, counted);
  return { message, requestId, ...counted };
}

function requestIdOf(error: unknown): string | null {
  return error instanceof Anthropic.APIError ? (error.requestID ?? null) : null;
}

/** A model that is not in the price list may have any name: it must not become a label. */
function label(model: string): string {
  return meterUsage(model, {}).priced ? model : 'other';
}

function countOutcome(metrics: Metrics, model: string, outcome: string): void {
  metrics.modelCalls.inc({ model: label(model), outcome });
}

function countTokens(metrics: Metrics, name: string, { usage }: MeteredUsage): void {
  const model = label(name);
  metrics.modelTokens.inc({ model, kind: 'input' }, usage.inputTokens);
  metrics.modelTokens.inc({ model, kind: 'output' }, usage.outputTokens);
  metrics.modelTokens.inc({ model, kind: 'cache_read' }, usage.cacheReadTokens);
  metrics.modelTokens.inc({ model, kind: 'cache_write' }, usage.cacheWriteTokens);
}
