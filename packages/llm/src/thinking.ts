import type Anthropic from '@anthropic-ai/sdk';
import { wordField } from '@claude-flow/core/runtime/config-values';
import type { z } from 'zod';
import { isModel } from './model-ids.ts';

/** Models whose thinking is adaptive and, unless asked for a summary, comes back empty: nobody would see progress. */
const ADAPTIVE_THINKING = [
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'claude-fable-5-1',
  'claude-fable-5-2',
  'claude-mythos-5-1',
  'claude-mythos-5-2',
];

/** `auto`: where the model is known to support it; other model servers never see the field. */
export const thinkingEnv = {
  CLAUDE_FLOW_THINKING: wordField(
    ['auto', 'on', 'off'],
    () => 'CLAUDE_FLOW_THINKING must be auto, on or off.',
  ).default('auto'),
};
export type ThinkingMode = z.infer<typeof thinkingEnv.CLAUDE_FLOW_THINKING>;

/** The request's `thinking` field, or undefined when it must not be sent. */
export function thinkingFor(mode: ThinkingMode, model: string): Anthropic.ThinkingConfigParam | undefined {
  const send = mode === 'on' || (mode === 'auto' && ADAPTIVE_THINKING.some((id) => isModel(model, id)));
  return send ? { type: 'adaptive', display: 'summarized' } : undefined;
}
