import type Anthropic from '@anthropic-ai/sdk';
import type { AgentType } from '@claude-flow/core/domain/vocabulary';
import { type ThinkingMode, thinkingFor } from '@claude-flow/llm/thinking';
import { systemPrompt } from './prompts.ts';
import type { Pinned } from './replay.ts';

export interface PinOptions {
  agentType: AgentType;
  model: string;
  thinking: ThinkingMode;
  /** Output tokens of one turn at most. */
  maxOutputTokens: number;
  /** `auto`: for models of the provider. */
  cacheControl: 'auto' | 'on' | 'off';
  tools: Anthropic.Tool[];
  firstMessage: string;
}

/** Everything of a task's requests that stays the same over all its turns and attempts, also across a deploy. */
export function pinRequest(options: PinOptions): Pinned {
  const system: Anthropic.TextBlockParam[] = [
    // Agents of a type share everything up to here.
    { type: 'text', text: systemPrompt(options.agentType), cache_control: { type: 'ephemeral' } },
  ];
  const cached =
    options.cacheControl === 'on' || (options.cacheControl === 'auto' && options.model.startsWith('claude-'));
  const thinking = thinkingFor(options.thinking, options.model);
  return {
    kind: 'pinned',
    system,
    tools: options.tools,
    model: options.model,
    params: {
      max_tokens: options.maxOutputTokens,
      // Moves the cache's end along with the conversation. Other model servers may not know the field.
      ...(cached ? { cache_control: { type: 'ephemeral' } } : {}),
      ...(thinking === undefined ? {} : { thinking }),
    },
    firstMessage: { role: 'user', content: options.firstMessage },
  };
}

/** The request of the next turn. */
export function requestOf(pinned: Pinned, messages: Anthropic.MessageParam[]): Anthropic.MessageStreamParams {
  return {
    model: pinned.model,
    system: pinned.system,
    tools: pinned.tools,
    messages,
    ...pinned.params,
  } as Anthropic.MessageStreamParams;
}
