import Anthropic from '@anthropic-ai/sdk';

export interface StreamOptions {
  signal: AbortSignal;
  /** The provider may pause this long, before its answer and within it, in milliseconds. */
  stallMs: number;
  /** Text as the model writes it, summarized thoughts included; never a tool's input. */
  onText?: ((text: string) => void) | undefined;
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
  stream.on('streamEvent', () => timer.refresh());
  const { onText } = options;
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
