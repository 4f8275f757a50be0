import type Anthropic from '@anthropic-ai/sdk';
import { toolInput } from './bad-input.ts';

/** What the provider takes as a tool's name in a conversation. */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * An answer's blocks as the provider takes them back: it refuses to be sent some of what servers send. Done once, before
 * the answer is written down, so that every later request holds the same bytes.
 *
 * - Text blocks with nothing to read are dropped; what is left may be an empty list.
 * - Half surrogate pairs become U+FFFD, in texts and inside tool inputs.
 * - Tool calls have an id that no other call of the conversation has, a possible name, and an object as input.
 * - Thinking that is signed stays as it is, byte for byte; only one that could not be sent at all is dropped.
 *
 * What was normalised once stays the same when normalised again.
 * @param taken the ids of the conversation's earlier calls
 */
export function normaliseContent(
  content: readonly unknown[],
  taken: Iterable<string> = [],
): Anthropic.ContentBlock[] {
  const ids = new Set(taken);
  return content.flatMap((block) => normaliseBlock(block, ids));
}

function normaliseBlock(block: unknown, ids: Set<string>): Anthropic.ContentBlock[] {
  if (!isObject(block) || typeof block['type'] !== 'string') return [];
  switch (block['type']) {
    case 'text': {
      const text = typeof block['text'] === 'string' ? block['text'] : '';
      return isBlank(text) ? [] : [asBlock(wellFormed({ ...block, text }))];
    }
    case 'thinking':
      return thinking(block);
    case 'redacted_thinking':
      return typeof block['data'] === 'string' && block['data'] !== '' ? verbatim(block) : [];
    case 'tool_use': {
      const { id, name, input, ...rest } = block;
      const call = { id: freeId(id, ids), name: toolName(name), input: toolInput(input) };
      return [asBlock(wellFormed({ ...rest, ...call }))];
    }
    default:
      return [asBlock(wellFormed(block))];
  }
}

function thinking(block: Record<string, unknown>): Anthropic.ContentBlock[] {
  const text = typeof block['thinking'] === 'string' ? block['thinking'] : '';
  const signature = typeof block['signature'] === 'string' ? block['signature'] : '';
  if (signature === '') {
    return text.trim() === '' ? [] : [asBlock(wellFormed({ ...block, thinking: text, signature }))];
  }
  return verbatim(block);
}

/** Neither changed, which would break what it is signed with, nor sent with half a character, which is no JSON there. */
function verbatim(block: Record<string, unknown>): Anthropic.ContentBlock[] {
  return JSON.stringify(wellFormed(block)) === JSON.stringify(block) ? [asBlock(block)] : [];
}

/** Text with nothing in it but white space: the provider refuses to be sent it. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

function freeId(given: unknown, ids: Set<string>): string {
  let id = typeof given === 'string' ? given.toWellFormed() : typeof given === 'number' ? String(given) : '';
  for (let n = ids.size + 1; isBlank(id) || ids.has(id); n += 1) id = `toolu_own_${n}`;
  ids.add(id);
  return id;
}

/** A name that no tool has is answered like every unknown tool; it must only be possible to send it back. */
function toolName(given: unknown): string {
  const name = typeof given === 'string' ? given : '';
  if (TOOL_NAME.test(name)) return name;
  return name.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 128) || 'unnamed';
}

/** The ids of all tool calls in a request's messages. */
export function toolIdsOf(messages: readonly Anthropic.MessageParam[]): string[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string'
      ? []
      : content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : [])),
  );
}

/** The same value with every string in it, names of fields included, made well formed. */
function wellFormed<T>(value: T): T;
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map((item) => wellFormed(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name.toWellFormed(), wellFormed(entry)]),
  );
}

/** The blocks above are made from what came, field by field; types that this SDK does not know pass as well. */
function asBlock(block: Record<string, unknown>): Anthropic.ContentBlock {
  return block as unknown as Anthropic.ContentBlock;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
