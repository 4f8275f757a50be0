import type { Reply, ToolCall } from '../brains/types.ts';
import type { Respond } from '../control/rules.ts';
import type { ModelSpec } from '../models/catalogue.ts';
import type { ThinkingSigner } from '../thinking/signature.ts';
import type { Prefix } from '../tokens/prefix.ts';
import { countText, truncateToTokens } from '../tokens/tokenizer.ts';
import { thinks } from '../validation/model-rules.ts';
import type { MessagesRequest } from '../validation/schema.ts';
import { toolUseId } from '../wire/ids.ts';
import { conform } from './conform.ts';

export type AnswerBlock =
  | { type: 'thinking'; thinking: string; signature: string; hiddenTokens: number }
  | { type: 'text'; text: string }
  /** `json` is what is streamed; when cut off it no longer parses, and `input` is empty. */
  | { type: 'tool_use'; id: string; name: string; json: string; input: Record<string, unknown> };

type StopReason =
  | 'end_turn'
  | 'tool_use'
  | 'max_tokens'
  | 'stop_sequence'
  | 'refusal'
  | 'pause_turn'
  | 'model_context_window_exceeded';

export type Answer = {
  content: AnswerBlock[];
  stopReason: StopReason;
  stopSequence: string | null;
  outputTokens: number;
  thinkingTokens: number;
};

type AnswerDeps = {
  request: MessagesRequest;
  model: ModelSpec;
  prefix: Prefix;
  signer: ThinkingSigner;
};

const thinkingBlock = (deps: AnswerDeps, text: string, shown: boolean): AnswerBlock => {
  const thinking = shown ? text : '';
  const signature = deps.signer.sign(deps.model, deps.prefix.end, thinking);
  return { type: 'thinking', thinking, signature, hiddenTokens: countText(text) };
};

/** Calls as the request allows them: none, one, or the one it forces. */
const callsFor = ({ request }: AnswerDeps, reply: Reply): ToolCall[] => {
  const choice = request.tool_choice;
  if (choice?.type === 'none') return [];
  let calls = reply.calls;
  if (choice?.type === 'tool' || (choice?.type === 'any' && calls.length === 0)) {
    const name = choice.type === 'tool' ? choice.name : request.tools?.[0]?.name;
    const tool = request.tools?.find((candidate) => candidate.name === name);
    const same = calls.filter((call) => call.name === name);
    if (tool !== undefined && same.length === 0) {
      const input = conform(tool.input_schema, {}) as Record<string, unknown>;
      calls = [{ name: tool.name, input }];
    } else calls = same;
  }
  const single = choice !== undefined && choice.disable_parallel_tool_use === true;
  return single ? calls.slice(0, 1) : calls;
};

const blocksFor = (deps: AnswerDeps, reply: Reply): AnswerBlock[] => {
  const { request, model } = deps;
  const calls = callsFor(deps, reply);
  const display =
    request.thinking !== undefined && 'display' in request.thinking ? request.thinking.display : null;
  const shown = (display ?? model.defaultDisplay) === 'summarized';
  const blocks: AnswerBlock[] = [];
  const between = request.messages.some((message) => message.role === 'assistant') && calls.length > 0;
  // The newest models give the words between tool calls as thinking instead of text.
  if (model.bindsThinking && between && request.thinking?.type !== 'disabled') {
    const always = request.thinking?.type === 'between_tools';
    blocks.push(thinkingBlock(deps, reply.text, always || shown));
  } else {
    if (thinks(request, model) && reply.thought !== '')
      blocks.push(thinkingBlock(deps, reply.thought, shown));
    if (reply.text !== '') blocks.push({ type: 'text', text: reply.text });
  }
  for (const [index, call] of calls.entries()) {
    const id = toolUseId(deps.prefix.turn, index);
    blocks.push({
      type: 'tool_use',
      id,
      name: call.name,
      json: JSON.stringify(call.input),
      input: call.input,
    });
  }
  return blocks;
};

const tokensOf = (block: AnswerBlock): number => {
  if (block.type === 'thinking') return block.hiddenTokens;
  return block.type === 'text' ? countText(block.text) : countText(block.name) + countText(block.json);
};

const cutBlock = (block: AnswerBlock, tokens: number): AnswerBlock | undefined => {
  if (block.type === 'text') {
    const text = truncateToTokens(block.text, tokens);
    return text === '' ? undefined : { ...block, text };
  }
  if (block.type === 'tool_use') return { ...block, json: truncateToTokens(block.json, tokens), input: {} };
  // Half a thought cannot be signed, so it is left out.
  return undefined;
};

const cutTo = (blocks: readonly AnswerBlock[], limit: number): { kept: AnswerBlock[]; cut: boolean } => {
  const kept: AnswerBlock[] = [];
  let left = limit;
  for (const block of blocks) {
    const tokens = tokensOf(block);
    if (tokens <= left) {
      kept.push(block);
      left -= tokens;
      continue;
    }
    const part = cutBlock(block, left);
    if (part !== undefined && left > 0) kept.push(part);
    return { kept, cut: true };
  }
  return { kept, cut: false };
};

const stopAt = (blocks: readonly AnswerBlock[], sequences: readonly string[]) => {
  const kept: AnswerBlock[] = [];
  for (const block of blocks) {
    if (block.type === 'text') {
      const hits = sequences
        .map((sequence) => ({ sequence, at: block.text.indexOf(sequence) }))
        .filter((hit) => hit.at >= 0)
        .toSorted((a, b) => a.at - b.at);
      if (hits[0] !== undefined) {
        kept.push({ ...block, text: block.text.slice(0, hits[0].at) });
        return { kept, sequence: hits[0].sequence };
      }
    }
    kept.push(block);
  }
  return { kept, sequence: null };
};

const finish = (
  content: AnswerBlock[],
  stopReason: StopReason,
  stopSequence: string | null = null,
): Answer => ({
  content,
  stopReason,
  stopSequence,
  outputTokens: content.reduce((sum, block) => sum + tokensOf(block), 0),
  thinkingTokens: content.reduce((sum, block) => sum + (block.type === 'thinking' ? tokensOf(block) : 0), 0),
});

const scripted = (blocks: AnswerBlock[], respond: Respond): Answer | undefined => {
  const words = blocks.filter((block) => block.type !== 'tool_use');
  switch (respond.stopReason) {
    case undefined:
      return undefined;
    case 'refusal':
      return finish([], 'refusal');
    case 'max_tokens': {
      const total = blocks.reduce((sum, block) => sum + tokensOf(block), 0);
      return finish(cutTo(blocks, Math.floor(total / 2)).kept, 'max_tokens');
    }
    default:
      return finish(words, respond.stopReason);
  }
};

/** The reply as the wire carries it: thinking signed, calls allowed, cut at the request's limits. */
export const composeAnswer = (deps: AnswerDeps, reply: Reply, respond: Respond | undefined): Answer => {
  const { request } = deps;
  if (request.max_tokens === 0) return finish([], 'max_tokens');
  const format = request.output_config?.format;
  let spoken = reply;
  if (respond?.text !== undefined) spoken = { ...reply, text: respond.text, calls: [] };
  else if (format != null && reply.calls.length === 0) {
    spoken = { ...reply, text: JSON.stringify(conform(format.schema, reply.value ?? { text: reply.text })) };
  }
  const blocks = blocksFor(deps, spoken);
  const input = respond?.toolInput;
  if (input !== undefined) {
    return finish(
      blocks.map((block) => (block.type === 'tool_use' ? { ...block, json: input, input: {} } : block)),
      'tool_use',
    );
  }
  const special = respond === undefined ? undefined : scripted(blocks, respond);
  if (special !== undefined) return special;
  const stopped = stopAt(blocks, request.stop_sequences ?? []);
  const { kept, cut } = cutTo(stopped.kept, request.max_tokens);
  if (cut) return finish(kept, 'max_tokens');
  if (stopped.sequence !== null) return finish(kept, 'stop_sequence', stopped.sequence);
  return finish(kept, kept.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn');
};
