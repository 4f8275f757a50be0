import { describe, expect, it } from 'vitest';
import { auto, chooseStrategy } from './auto.ts';
import { builtInStrategies, resolveStrategy } from './registry.ts';

describe('chooseStrategy', () => {
  it.each([
    ['Build a REST API for user management', 'development'],
    ['Create a todo app with tests', 'development'],
    ['Fix the login bug and test the fix', 'development'],
    ['Implement a benchmark tool and review it', 'development'],
    ['Research the state of the art in battery recycling', 'research'],
    ['Compare three message brokers for a small team', 'research'],
    ['What is the best way to store events?', 'research'],
    ['Analyze our sales figures of the last quarter', 'analysis'],
    ['Assess the performance bottlenecks of the checkout service', 'analysis'],
    ['Write unit tests for the payment service', 'testing'],
    ['Test the login flow of our website', 'testing'],
    ['Review the code of the billing service for security problems', 'review'],
    ['Audit our Kubernetes manifests', 'review'],
  ])('%s -> %s', (objective, expected) => {
    const choice = chooseStrategy(objective);
    expect(choice?.to).toBe(expected);
    expect(choice?.reason).toContain(expected);
    expect(choice?.reason).toMatch(/because the objective says ".+"\.$/);
  });

  it('names the words that decided', () => {
    expect(chooseStrategy('Review and audit the contract')?.reason).toBe(
      'Strategy auto chose review, because the objective says "review", "audit".',
    );
  });

  it('chooses nothing when no word speaks for anything', () => {
    expect(chooseStrategy('A haiku about the autumn moon')).toBeUndefined();
  });

  it('is not misled by words inside other words', () => {
    expect(chooseStrategy('The greatest contest of attestation')).toBeUndefined();
  });
});

describe('resolveStrategy', () => {
  const registry = builtInStrategies();

  it('takes the strategy asked for as it is', () => {
    expect(resolveStrategy(registry, 'review', 'Build an app')).toEqual({ strategy: registry.get('review') });
  });

  it('lets auto hand over and says why', () => {
    const resolved = resolveStrategy(registry, 'auto', 'Build an app');
    expect(resolved.strategy.name).toBe('development');
    expect(resolved.reason).toContain('auto chose development');
  });

  it('lets auto plan by itself when it has no choice to make', () => {
    expect(resolveStrategy(registry, 'auto', 'A haiku about the moon')).toEqual({ strategy: auto });
    const small = new Map([['auto', auto]]);
    expect(resolveStrategy(small, 'auto', 'Build an app').strategy).toBe(auto);
  });

  it('plans an unknown strategy as auto and says so', () => {
    const resolved = resolveStrategy(registry, 'microservices', 'Build an app');
    expect(resolved.strategy.name).toBe('auto');
    expect(resolved.reason).toContain('microservices');
  });

  it('takes a strategy that was added', () => {
    const mine = { ...auto, name: 'microservices' };
    const more = builtInStrategies().set('microservices', mine);
    expect(resolveStrategy(more, 'microservices', 'A haiku').strategy).toBe(mine);
  });
});
