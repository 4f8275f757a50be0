import { describe, expect, test } from 'vitest';
import { allowedBudget, readSpendingLimit, type Spending } from './spending.ts';

test.each([
  ['5', { maxCostUsd: 5 }],
  ['0.5', { maxCostUsd: 0.5 }],
  ['maxTokens=2000000', { maxTokens: 2_000_000 }],
  [' maxCostUsd = 5 , maxTokens=10', { maxCostUsd: 5, maxTokens: 10 }],
  ['', undefined],
  ['five', undefined],
  ['-1', undefined],
  ['0', undefined],
  ['1e3', undefined],
  ['5,6', undefined],
  ['maxTokens=1.5', undefined],
  ['maxtokens=5', undefined],
  ['maxCostUsd=9999999', undefined],
])('"%s"', (text, limit) => expect(readSpendingLimit(text)).toEqual(limit));

const spending = (more: Partial<Spending>): Spending => ({ budgetDefault: {}, budgetMax: {}, ...more });
const faults = (more: Partial<Spending>, wish: Parameters<typeof allowedBudget>[1]) => {
  try {
    return allowedBudget(spending(more), wish);
  } catch (error) {
    return (error as { details: { field: string; message: string }[] }).details;
  }
};

describe('models', () => {
  const modelsAllowed = ['claude-haiku-4-5', 'claude-sonnet-*', 'org/m.del+'];
  test.each(['claude-haiku-4-5', 'claude-sonnet-5-5', 'org/m.del+', undefined])('%s may be named', (model) =>
    expect(faults({ modelsAllowed }, { model })).toBeUndefined(),
  );
  test.each(['claude-opus-4-8', 'claude-haiku-4-5-x', 'xclaude-sonnet-1', 'org/mxdel+'])(
    '%s may not',
    (model) => {
      const [fault] = faults({ modelsAllowed }, { model }) as { field: string; message: string }[];
      expect(fault?.field).toBe('model');
      expect(fault?.message).toContain('claude-sonnet-*');
    },
  );
  test('an empty list of stars takes no time', () => {
    expect(faults({ modelsAllowed: ['*'] }, { model: 'anything' })).toBeUndefined();
  });
});

describe('budgets', () => {
  test('a swarm without limits gets the default, or else the most', () => {
    const budgetMax = { maxCostUsd: 50, maxTokens: 1_000 };
    expect(faults({ budgetDefault: { maxCostUsd: 5 } }, {})).toEqual({ maxCostUsd: 5 });
    expect(faults({ budgetMax }, {})).toEqual(budgetMax);
    expect(faults({ budgetMax, budgetDefault: { maxCostUsd: 5 } }, {})).toEqual({
      maxCostUsd: 5,
      maxTokens: 1_000,
    });
    // To leave one limit out is no way around it.
    expect(faults({ budgetMax }, { budget: { maxTokens: 5 } })).toEqual({ maxCostUsd: 50, maxTokens: 5 });
    expect(faults({}, {})).toBeUndefined();
  });

  test('more than the most is refused, with the numbers', () => {
    const budgetMax = { maxCostUsd: 50, maxTokens: 1_000 };
    expect(faults({ budgetMax }, { budget: { maxCostUsd: 288_000, maxTokens: 1_001 } })).toEqual([
      { field: 'budget.maxTokens', message: expect.stringMatching(/at most 1000 .*BUDGET_MAX.*1001/) },
      { field: 'budget.maxCostUsd', message: expect.stringMatching(/at most 50 .*BUDGET_MAX.*288000/) },
    ]);
    expect(faults({ budgetMax }, { budget: { maxCostUsd: 50 } })).toMatchObject({ maxCostUsd: 50 });
  });

  test('a limit in money is none for a model without a price', () => {
    const [fault] = faults({ budgetMax: { maxCostUsd: 5 } }, { model: 'mine' }) as { message: string }[];
    expect(fault?.message).toContain('price of the model mine is not known');
    expect(faults({ budgetMax: { maxTokens: 5 } }, { model: 'mine' })).toEqual({ maxTokens: 5 });
  });
});
