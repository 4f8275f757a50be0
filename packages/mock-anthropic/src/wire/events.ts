import type { AnswerBlock } from '../answer/answer.ts';
import type { Random } from '../random.ts';
import type { MessageFrame } from './message.ts';
import { messageBody, stopDetailsOf, usageOf } from './message.ts';

export type StreamEvent = { type: string; [field: string]: unknown };

/** Pieces of a text of uneven length, never cutting a character in two. */
const pieces = (text: string, random: Random): string[] => {
  const parts: string[] = [];
  let part = '';
  let wanted = random.between(1, 48);
  for (const character of text) {
    part += character;
    if (part.length < wanted) continue;
    parts.push(part);
    part = '';
    wanted = random.between(1, 48);
  }
  if (part !== '') parts.push(part);
  return parts;
};

const opening = (block: AnswerBlock): Record<string, unknown> => {
  switch (block.type) {
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'text':
      return { type: 'text', text: '', citations: null };
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: {} };
  }
};

const deltas = (block: AnswerBlock, random: Random): Record<string, unknown>[] => {
  switch (block.type) {
    case 'thinking':
      return [
        ...pieces(block.thinking, random).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block.signature },
      ];
    case 'text':
      return pieces(block.text, random).map((text) => ({ type: 'text_delta', text }));
    case 'tool_use':
      return ['', ...pieces(block.json, random)].map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      }));
  }
};

/** All events of a streamed answer, in the order of the real API. */
export const eventsOf = (frame: MessageFrame, random: Random): StreamEvent[] => {
  const { answer, input } = frame;
  const message = messageBody(frame);
  const usage = usageOf(input, answer);
  const events: StreamEvent[] = [
    {
      type: 'message_start',
      message: {
        ...message,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        stop_details: null,
        usage: { ...usage, output_tokens: Math.min(1, answer.outputTokens), output_tokens_details: null },
      },
    },
    { type: 'ping' },
  ];
  for (const [index, block] of answer.content.entries()) {
    events.push({ type: 'content_block_start', index, content_block: opening(block) });
    for (const delta of deltas(block, random)) events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  }
  events.push(
    {
      type: 'message_delta',
      delta: {
        container: null,
        stop_details: stopDetailsOf(answer),
        stop_reason: answer.stopReason,
        stop_sequence: answer.stopSequence,
      },
      usage: {
        input_tokens: usage.input_tokens,
        cache_creation_input_tokens: usage.cache_creation_input_tokens,
        cache_read_input_tokens: usage.cache_read_input_tokens,
        output_tokens: usage.output_tokens,
        output_tokens_details: usage.output_tokens_details,
        server_tool_use: null,
      },
    },
    { type: 'message_stop' },
  );
  return events;
};

/** One event as bytes of a server-sent event stream. */
export const encodeEvent = (event: StreamEvent): Buffer =>
  Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);

/** The same without the name of the event, which is also inside of the data. */
export const encodeUnnamed = (event: StreamEvent): Buffer =>
  Buffer.from(`data: ${JSON.stringify(event)}\n\n`);
