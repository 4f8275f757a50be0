import { describe, expect, it } from 'vitest';
import { chooseModel, modelFault, tuningEnv } from './model-choice.ts';

describe('which model answers', () => {
  it('is simulated unless a key or an address is set, and says so in one line', () => {
    const choice = chooseModel({ ANTHROPIC_API_KEY: '' });
    expect(choice.model).toEqual({ kind: 'mock' });
    expect(choice.sentence).toMatch(/simulated.*ANTHROPIC_API_KEY/);
    expect(choice.sentence).not.toContain('\n');
  });

  it('is the one that the environment names', () => {
    expect(chooseModel({ ANTHROPIC_API_KEY: 'k' }).model).toEqual({ kind: 'anthropic', apiKey: 'k' });
    expect(chooseModel({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:8080' }).model).toMatchObject({
      kind: 'anthropic',
      baseUrl: 'http://127.0.0.1:8080',
    });
  });

  it('never shows the key', () => {
    const choice = chooseModel({
      ANTHROPIC_API_KEY: 'sk-secret',
      ANTHROPIC_BASE_URL: 'http://user:pw@host:1',
    });
    expect(choice.sentence).not.toMatch(/sk-secret|pw/);
  });

  it('refuses an address that is none', () => {
    expect(modelFault({ ANTHROPIC_BASE_URL: 'localhost:8080' })).toContain('http://');
    expect(modelFault({ ANTHROPIC_BASE_URL: 'nothing' })).toContain('http://');
    expect(modelFault({ ANTHROPIC_BASE_URL: 'https://x' })).toBeUndefined();
    expect(modelFault({})).toBeUndefined();
  });

  it('passes on what tunes the system, and no secret', () => {
    const env = {
      CLAUDE_FLOW_MODEL_CODER: 'm',
      MOCK_SEED: '2',
      ANTHROPIC_API_KEY: 'k',
      PORT: '1',
      MOCK_LATENCY_MS: '',
    };
    expect(tuningEnv(env)).toEqual({ CLAUDE_FLOW_MODEL_CODER: 'm', MOCK_SEED: '2' });
  });
});
