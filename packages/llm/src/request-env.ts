import { envField } from '@claude-flow/core/runtime/config';
import { wordField } from '@claude-flow/core/runtime/config-values';
import { MODEL_CALL_TIMEOUT_MS } from '@claude-flow/core/runtime/tunables';
import type { z } from 'zod';
import { MODEL_OUTPUT_TOKENS } from './tunables.ts';
import type { DroppedField } from './wire/droppable-fields.ts';

/** What a model call may hold and how long it may be silent, for servers that differ from the provider. */
export const requestEnv = {
  CLAUDE_FLOW_MAX_OUTPUT_TOKENS: envField
    .integer('CLAUDE_FLOW_MAX_OUTPUT_TOKENS', 256, 1_000_000)
    .default(MODEL_OUTPUT_TOKENS),
  CLAUDE_FLOW_CACHE_CONTROL: wordField(
    ['auto', 'on', 'off'],
    () => 'CLAUDE_FLOW_CACHE_CONTROL must be auto, on or off.',
  ).default('auto'),
  CLAUDE_FLOW_OUTPUT_CONFIG: wordField(
    ['on', 'off'],
    () => 'CLAUDE_FLOW_OUTPUT_CONFIG must be on or off.',
  ).default('on'),
  CLAUDE_FLOW_MODEL_STALL_FIRST_MS: envField
    .integer('CLAUDE_FLOW_MODEL_STALL_FIRST_MS', 1_000, 24 * 3_600_000)
    .default(MODEL_CALL_TIMEOUT_MS),
  CLAUDE_FLOW_MODEL_STALL_MS: envField
    .integer('CLAUDE_FLOW_MODEL_STALL_MS', 1_000, 24 * 3_600_000)
    .default(MODEL_CALL_TIMEOUT_MS),
};

/** The part of it that the model client takes. */
export interface RequestLimits {
  maxOutputTokens: number;
  neverSent: DroppedField[];
  /** Milliseconds until the first piece of an answer, and between two. */
  timeoutMs: number;
  stallMs: number;
}

export function requestLimits(env: z.infer<z.ZodObject<typeof requestEnv>>): RequestLimits {
  return {
    maxOutputTokens: env.CLAUDE_FLOW_MAX_OUTPUT_TOKENS,
    neverSent: [
      ...(env.CLAUDE_FLOW_CACHE_CONTROL === 'off' ? [{ kind: 'cache_control' as const }] : []),
      ...(env.CLAUDE_FLOW_OUTPUT_CONFIG === 'off'
        ? [{ kind: 'field' as const, name: 'output_config' as const }]
        : []),
    ],
    timeoutMs: env.CLAUDE_FLOW_MODEL_STALL_FIRST_MS,
    stallMs: env.CLAUDE_FLOW_MODEL_STALL_MS,
  };
}
