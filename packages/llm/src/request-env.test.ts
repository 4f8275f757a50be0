import { loadConfig } from '@claude-flow/core/runtime/config';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { requestEnv, requestLimits } from './request-env.ts';

const schema = z.object(requestEnv);
const limits = (env: Record<string, string>) => requestLimits(loadConfig(schema, env));

describe('requestEnv', () => {
  it('leaves a request as the provider takes it', () => {
    expect(limits({})).toEqual({
      maxOutputTokens: 16_000,
      neverSent: [],
      timeoutMs: 120_000,
      stallMs: 120_000,
    });
  });

  it('has a variable for each part that a server may refuse, and for its pace', () => {
    const own = {
      CLAUDE_FLOW_MAX_OUTPUT_TOKENS: '4096',
      CLAUDE_FLOW_CACHE_CONTROL: 'off',
      CLAUDE_FLOW_OUTPUT_CONFIG: 'off',
      CLAUDE_FLOW_MODEL_STALL_FIRST_MS: '600000',
      CLAUDE_FLOW_MODEL_STALL_MS: '30000',
    };
    expect(limits(own)).toEqual({
      maxOutputTokens: 4_096,
      neverSent: [{ kind: 'cache_control' }, { kind: 'field', name: 'output_config' }],
      timeoutMs: 600_000,
      stallMs: 30_000,
    });
  });

  it.each([
    ['CLAUDE_FLOW_MAX_OUTPUT_TOKENS', 'many'],
    ['CLAUDE_FLOW_MAX_OUTPUT_TOKENS', '10'],
    ['CLAUDE_FLOW_CACHE_CONTROL', 'never'],
    ['CLAUDE_FLOW_OUTPUT_CONFIG', 'auto'],
    ['CLAUDE_FLOW_MODEL_STALL_FIRST_MS', '0'],
    ['CLAUDE_FLOW_MODEL_STALL_MS', '1s'],
  ])('%s=%s is refused at boot by name', (name, value) => {
    expect(() => limits({ [name]: value })).toThrow(new RegExp(`^  ${name}: ${name} must `, 'm'));
  });
});
