import { describe, expect, it } from 'vitest';
import { chooseModel, modelFault } from './model-choice.ts';

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

  it('is a real one with a token, which takes the place of a key', () => {
    expect(chooseModel({ ANTHROPIC_AUTH_TOKEN: 't' }).model).toEqual({ kind: 'anthropic' });
    const both = chooseModel({ ANTHROPIC_AUTH_TOKEN: 't', ANTHROPIC_API_KEY: 'k' }).model;
    expect(both).toEqual({ kind: 'anthropic', apiKey: 'k' });
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
});
