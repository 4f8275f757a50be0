import type Anthropic from '@anthropic-ai/sdk';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import { MODEL_CALL_TIMEOUT_MS } from '@claude-flow/core/runtime/tunables';
import { callWithRetry, type RetryNotice } from '@claude-flow/llm/call-with-retry';
import { type MeteredUsage, meterUsage } from '@claude-flow/llm/cost';
import { classifyModelError } from '@claude-flow/llm/model-errors';
import { streamMessage } from '@claude-flow/llm/stream-message';

export interface AskModelDeps {
  client: Anthropic;
  metrics: Metrics;
}

export interface AskModelOptions {
  /** Ends the call at once. */
  signal: AbortSignal;
  /** Ends the waiting between two tries. */
  drain: AbortSignal;
  onText(text: string): void;
  onRetry(notice: RetryNotice): void;
}

export interface ModelAnswer extends MeteredUsage {
  message: Anthropic.Message;
  requestId: string | null;
}

/** One turn of the model, tried again as long as that makes sense. @throws what `callWithRetry` throws */
export async function askModel(
  deps: AskModelDeps,
  request: Anthropic.MessageStreamParams,
  options: AskModelOptions,
): Promise<ModelAnswer> {
  const { signal, drain, onText, onRetry } = options;
  const { message, requestId } = await callWithRetry(
    async () => {
      try {
        const answer = await streamMessage(deps.client, request, {
          signal,
          stallMs: MODEL_CALL_TIMEOUT_MS,
          onText,
        });
        countCall(deps.metrics, request.model, 'ok');
        return answer;
      } catch (error) {
        countCall(deps.metrics, request.model, classifyModelError(error).kind);
        throw error;
      }
    },
    { signal, waitSignal: drain, onRetry },
  );
  const metered = meterUsage(request.model, message.usage);
  countTokens(deps.metrics, request.model, metered);
  return { message, requestId, ...metered };
}

/** A model that is not in the price list may have any name: it must not become a label. */
function label(model: string): string {
  return meterUsage(model, {}).priced ? model : 'other';
}

function countCall(metrics: Metrics, model: string, outcome: string): void {
  metrics.modelCalls.inc({ model: label(model), outcome });
}

function countTokens(metrics: Metrics, name: string, { usage }: MeteredUsage): void {
  const model = label(name);
  metrics.modelTokens.inc({ model, kind: 'input' }, usage.inputTokens);
  metrics.modelTokens.inc({ model, kind: 'output' }, usage.outputTokens);
  metrics.modelTokens.inc({ model, kind: 'cache_read' }, usage.cacheReadTokens);
  metrics.modelTokens.inc({ model, kind: 'cache_write' }, usage.cacheWriteTokens);
}
