import type Anthropic from '@anthropic-ai/sdk';
import { normaliseContent, toolIdsOf } from './normalise-content.ts';

export interface StreamOptions {
  signal: AbortSignal;
  /** Text as the model writes it, summarized thoughts included; never a tool's input. */
  onText?: ((text: string) => void) | undefined;
  /**
   * The usage of this call so far, each time the stream reports it (at its start and at its end): what an answer that
   * breaks off afterwards has cost. Each report replaces the one before.
   */
  onUsage?: ((usage: Anthropic.Usage) => void) | undefined;
}

/**
 * Makes one model call as a stream and gives back the whole answer, as plain data that the provider takes back: see
 * `normaliseContent`. Its content may be empty.
 * @param client of `createModelClient`: it puts the stream in order, and ends one that stalls
 * @throws the SDK's errors; ClaudeFlowError, or an SDK error with one as its cause
 */
export async function streamMessage(
  client: Anthropic,
  params: Anthropic.MessageStreamParams,
  options: StreamOptions,
): Promise<{ message: Anthropic.Message; requestId: string | null }> {
  const stream = client.messages.stream(params, { signal: options.signal });
  const { onText, onUsage } = options;
  stream.on('streamEvent', (event, snapshot) => {
    if (event.type === 'message_start' || event.type === 'message_delta') onUsage?.({ ...snapshot.usage });
  });
  if (onText !== undefined) {
    stream.on('text', (delta) => onText(delta));
    stream.on('thinking', (delta) => onText(delta));
    stream.on('contentBlock', (block) => {
      if (block.type === 'text' || block.type === 'thinking') onText('\n');
    });
  }
  const answer = await stream.finalMessage();
  // The SDK's snapshot has lazy fields; the journal and the next request need the same plain bytes.
  const message = JSON.parse(JSON.stringify(answer)) as Anthropic.Message;
  const content = normaliseContent(message.content, toolIdsOf(params.messages));
  return { message: { ...message, content }, requestId: stream.request_id ?? null };
}
