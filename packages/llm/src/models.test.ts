import { loadConfig } from '@claude-flow/core/runtime/config';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { modelChoiceEnv, modelFor } from './models.ts';
import { thinkingEnv, thinkingFor } from './thinking.ts';

const schema = z.object({ ...modelChoiceEnv, ...thinkingEnv });

describe('modelFor', () => {
  it('takes the swarm, then the role, then all, then the default', () => {
    const env = loadConfig(schema, { CLAUDE_FLOW_MODEL: 'all', CLAUDE_FLOW_MODEL_CODER: 'for-coders' });
    expect(modelFor(env, 'coder', 'wanted')).toBe('wanted');
    expect(modelFor(env, 'coder')).toBe('for-coders');
    expect(modelFor(env, 'planner')).toBe('all');
    expect(modelFor(loadConfig(schema, {}), 'tester')).toMatch(/^claude-/);
  });

  it.each([
    'openrouter,anthropic/claude-sonnet-5-5',
    'arn:aws:bedrock:us-east-1:1:inference-profile/x',
    '@cf/meta/llama-4',
    'Llama 4 (Q4_K_M)',
    '~vendor/latest[1m]',
    '模型',
  ])('takes %s as it is', (name) => {
    expect(modelFor(loadConfig(schema, { CLAUDE_FLOW_MODEL: name }), 'coder')).toBe(name);
  });

  it('names the variable that is wrong', () => {
    const wrong = { CLAUDE_FLOW_MODEL_PLANNER: 'two\nlines', CLAUDE_FLOW_THINKING: 'maybe' };
    expect(() => loadConfig(schema, wrong)).toThrow(/CLAUDE_FLOW_MODEL_PLANNER[\s\S]*CLAUDE_FLOW_THINKING/);
  });
});

describe('thinkingFor', () => {
  it('is asked for only where it is known to work', () => {
    expect(thinkingFor('auto', 'claude-sonnet-5-5')).toEqual({ type: 'adaptive', display: 'summarized' });
    expect(thinkingFor('auto', 'claude-haiku-4-5')).toBeUndefined();
    expect(thinkingFor('auto', 'llama-4')).toBeUndefined();
  });

  it('can be switched off and on', () => {
    expect(thinkingFor('off', 'claude-sonnet-5-5')).toBeUndefined();
    expect(thinkingFor('on', 'some-model')).toBeDefined();
  });
});
