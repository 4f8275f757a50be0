import type { Answer, AnswerBlock } from '../answer/answer.ts';
import type { InputUsage } from '../tokens/cache.ts';

/** Token counts of one call, every field filled. */
export const usageOf = (input: InputUsage, answer: Answer) => ({
  input_tokens: input.uncached,
  cache_creation_input_tokens: input.written5m + input.written1h,
  cache_read_input_tokens: input.read,
  cache_creation: {
    ephemeral_5m_input_tokens: input.written5m,
    ephemeral_1h_input_tokens: input.written1h,
  },
  output_tokens: answer.outputTokens,
  output_tokens_details: { thinking_tokens: answer.thinkingTokens },
  server_tool_use: null,
  service_tier: 'standard' as const,
  speed: 'standard' as const,
  inference_geo: null,
});

/** A content block as a finished message holds it. */
const wireBlock = (block: AnswerBlock) => {
  switch (block.type) {
    case 'thinking':
      return { type: block.type, thinking: block.thinking, signature: block.signature };
    case 'text':
      return { type: block.type, text: block.text, citations: null };
    case 'tool_use':
      return { type: block.type, id: block.id, name: block.name, input: block.input };
  }
};

/** `stop_details` of an answer; only a refusal has any. */
export const stopDetailsOf = (answer: Answer) =>
  answer.stopReason === 'refusal'
    ? { type: 'refusal' as const, category: 'general_harms' as const, explanation: 'A simulated refusal.' }
    : null;

export type MessageFrame = {
  id: string;
  model: string;
  answer: Answer;
  input: InputUsage;
  /** Whether the request asked for cache diagnostics; this server never has any to give. */
  diagnostics: boolean;
};

/** The body of a response that is not streamed. */
export const messageBody = ({ id, model, answer, input, diagnostics }: MessageFrame) => ({
  id,
  type: 'message' as const,
  role: 'assistant' as const,
  model,
  content: answer.content.map(wireBlock),
  stop_reason: answer.stopReason,
  stop_sequence: answer.stopSequence,
  stop_details: stopDetailsOf(answer),
  container: null,
  diagnostics: diagnostics ? { cache_miss_reason: { type: 'unavailable' as const } } : null,
  usage: usageOf(input, answer),
});
