import Anthropic from '@anthropic-ai/sdk';

export interface StreamOptions {
  signal: AbortSignal;
  /** The provider may pause this long, before its answer and within it, in milliseconds. */
  stallMs: number;
  /** Text as the model writes it, summarized thoughts included; never a tool's input. */
  onText?: ((text: string) => void) | undefined;
  /**
   * The usage of this call so far, each time the stream reports it (at its start and at its end): what an answer that
   * breaks off afterwards has cost. Each report replaces the one before.
   */
  onUsage?: ((usage: Anthropic.Usage) => void) | undefined;
}

/**
 * Makes one model call as a stream and gives back the whole answer, as plain data.
 * @throws the SDK's errors; `APIConnectionTimeoutError` when the stream stalls
 */
export async function streamMessage(
  client: Anthropic,
  params: Anthropic.MessageStreamParams,
  options: StreamOptions,
): Promise<{ message: Anthropic.Message; requestId: string | null }> {
  const stall = new AbortController();
  const stream = client.messages.stream(params, { signal: AbortSignal.any([options.signal, stall.signal]) });
  const timer = setTimeout(() => stall.abort(), options.stallMs);
  const { onText, onUsage } = options;
  stream.on('streamEvent', (event, snapshot) => {
    timer.refresh();
    if (event.type === 'message_start' || event.type === 'message_delta') onUsage?.({ ...snapshot.usage });
  });
  if (onText !== undefined) {
    stream.on('text', (delta) => onText(delta));
    stream.on('thinking', (delta) => onText(delta));
    stream.on('contentBlock', (block) => {
      if (block.type === 'text' || block.type === 'thinking') onText('\n');
    });
  }
  try {
    const message = await stream.finalMessage();
    // The SDK's snapshot has lazy fields; the journal and the next request need the same plain bytes.
    return {
      message: JSON.parse(JSON.stringify(message)) as Anthropic.Message,
      requestId: stream.request_id ?? null,
    };
  } catch (error) {
    if (stall.signal.aborted && !options.signal.aborted) {
      throw new Anthropic.APIConnectionTimeoutError({ message: 'The answer stalled.' });
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
