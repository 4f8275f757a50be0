import { badRequest } from '../wire/errors.ts';
import type { ContentBlock, Conversation, Message } from './schema.ts';

/** The blocks of a message; a bare string is one text block. */
export const blocksOf = (message: Message): ContentBlock[] =>
  typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;

const idsOf = (message: Message | undefined, type: 'tool_use' | 'tool_result'): string[] => {
  if (message === undefined) return [];
  return blocksOf(message).flatMap((block) => {
    if (type === 'tool_use' && block.type === 'tool_use') return [block.id];
    if (type === 'tool_result' && block.type === 'tool_result') return [block.tool_use_id];
    return [];
  });
};

const checkContent = (message: Message, index: number, last: boolean): void => {
  const blocks = blocksOf(message);
  if (blocks.length === 0 && !(message.role === 'assistant' && last)) {
    throw badRequest(`messages.${index}: all messages must have non-empty content`);
  }
  for (const [at, block] of blocks.entries()) {
    if (block.type === 'text' && block.text === '') {
      throw badRequest(`messages.${index}.content.${at}: text content blocks must be non-empty`);
    }
    if (block.type === 'text' && block.text.trim() === '') {
      throw badRequest(
        `messages.${index}.content.${at}: text content blocks must contain non-whitespace text`,
      );
    }
    const own = block.type === 'tool_use' || block.type === 'thinking' || block.type === 'redacted_thinking';
    if (own && message.role !== 'assistant') {
      throw badRequest(
        `messages.${index}.content.${at}: ${block.type} blocks are only allowed for assistant`,
      );
    }
    if ((block.type === 'tool_result' || block.type === 'document') && message.role !== 'user') {
      throw badRequest(`messages.${index}.content.${at}: ${block.type} blocks are only allowed for user`);
    }
  }
};

const checkResults = (message: Message, index: number, asked: readonly string[]): void => {
  const blocks = blocksOf(message);
  const answered = new Set<string>();
  for (const [at, block] of blocks.entries()) {
    if (block.type !== 'tool_result') continue;
    const id = block.tool_use_id;
    if (!asked.includes(id)) {
      throw badRequest(
        `messages.${index}.content.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    if (answered.has(id)) {
      throw badRequest(
        `messages.${index}.content.${at}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
      );
    }
    answered.add(id);
  }
  const firstOther = blocks.findIndex((block) => block.type !== 'tool_result');
  const lastResult = blocks.findLastIndex((block) => block.type === 'tool_result');
  if (firstOther >= 0 && firstOther < lastResult) {
    throw badRequest(`messages.${index}: \`tool_result\` blocks must come before any other content`);
  }
};

const checkAnswered = (messages: readonly Message[], index: number, asked: readonly string[]): void => {
  const given = new Set(idsOf(messages[index + 1], 'tool_result'));
  const missing = asked.filter((id) => !given.has(id));
  if (missing.length > 0) {
    throw badRequest(
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  }
};

/**
 * Rules between messages: content present, every tool_use answered once in the very next message, ids unique.
 * @throws ApiError 400 with the place and the ids.
 */
export const checkMessages = (messages: Conversation['messages']): void => {
  if (messages[0]?.role === 'assistant') throw badRequest('messages: first message must use the "user" role');
  const seen = new Set<string>();
  for (const [index, message] of messages.entries()) {
    checkContent(message, index, index === messages.length - 1);
    const previous = messages[index - 1];
    checkResults(message, index, previous?.role === 'assistant' ? idsOf(previous, 'tool_use') : []);
    const asked = idsOf(message, 'tool_use');
    for (const id of asked) {
      if (seen.has(id)) throw badRequest(`messages.${index}: \`tool_use\` ids must be unique: ${id}`);
      seen.add(id);
    }
    checkAnswered(messages, index, asked);
  }
};
