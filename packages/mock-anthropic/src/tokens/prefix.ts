import { createHash } from 'node:crypto';
import { blocksOf } from '../validation/messages.ts';
import type { CacheControl, ContentBlock, Conversation } from '../validation/schema.ts';
import { countText, TOKENS_PER_MESSAGE } from './tokenizer.ts';

/** One cacheable piece of a rendered request, in render order: tools, system, messages. */
type PrefixBlock = {
  /** Hash of this piece and of everything before it. */
  hash: string;
  tokens: number;
  cacheControl: CacheControl;
};

export type Prefix = {
  blocks: PrefixBlock[];
  totalTokens: number;
  /** Hash of everything before each message: what a thinking block in that message is bound to. */
  beforeMessage: string[];
  /** Hash of the whole conversation: what the answer is bound to. */
  end: string;
  /** Hash of model and conversation: one per distinct turn. */
  turn: string;
};

const chain = (previous: string, text: string): string =>
  createHash('sha256').update(previous).update('\u0000').update(text).digest('hex');

/** Everything of a block that the model reads; the cache marker and response-only fields are no part of it. */
const render = (block: ContentBlock): string => {
  switch (block.type) {
    case 'text':
      return JSON.stringify(['text', block.text]);
    case 'thinking':
      return JSON.stringify(['thinking', block.thinking, block.signature]);
    case 'redacted_thinking':
      return JSON.stringify(['redacted_thinking', block.data]);
    case 'tool_use':
      return JSON.stringify(['tool_use', block.id, block.name, block.input]);
    case 'tool_result': {
      const content = typeof block.content === 'string' ? [['text', block.content]] : (block.content ?? []);
      const parts = content.map((part) => {
        if (Array.isArray(part)) return part;
        return part.type === 'text' ? ['text', part.text] : [part.type, part.source ?? null];
      });
      return JSON.stringify(['tool_result', block.tool_use_id, block.is_error === true, parts]);
    }
    default:
      return JSON.stringify([block.type, block.source ?? null]);
  }
};

/** Renders a request into its chain of pieces. Same bytes, same hashes, on every replica. */
export const renderPrefix = (request: Conversation): Prefix => {
  const blocks: PrefixBlock[] = [];
  let hash = chain('', 'conversation');
  let totalTokens = 0;
  const add = (text: string, cacheControl: CacheControl, extra = 0): void => {
    hash = chain(hash, text);
    const tokens = countText(text) + extra;
    totalTokens += tokens;
    blocks.push({ hash, tokens, cacheControl });
  };
  for (const tool of request.tools ?? []) {
    const { cache_control, ...rest } = tool;
    add(JSON.stringify(rest), cache_control);
  }
  const system =
    typeof request.system === 'string' ? [{ type: 'text' as const, text: request.system }] : request.system;
  for (const block of system ?? []) add(JSON.stringify(['system', block.text]), block.cache_control);
  const beforeMessage: string[] = [];
  for (const message of request.messages) {
    beforeMessage.push(hash);
    hash = chain(hash, message.role);
    for (const [index, block] of blocksOf(message).entries()) {
      const marker = 'cache_control' in block ? (block.cache_control as CacheControl) : undefined;
      add(render(block), marker, index === 0 ? TOKENS_PER_MESSAGE : 0);
    }
  }
  return { blocks, totalTokens, beforeMessage, end: hash, turn: chain(hash, request.model) };
};
