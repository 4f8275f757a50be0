import { expect, test } from 'vitest';
import { findModel } from '../models/catalogue.ts';
import type { CacheControl } from '../validation/schema.ts';
import { createPromptCache } from './cache.ts';
import type { Prefix } from './prefix.ts';

const model = findModel('claude-sonnet-5-5');
if (model === undefined) throw new Error('The model should be known.');

const MINUTE = 60_000;

/** Blocks of 1000 tokens; a marker on the last one. */
const prefixOf = (count: number, marker: CacheControl): Prefix => ({
  blocks: Array.from({ length: count }, (_, at) => ({
    hash: `block ${at}`,
    tokens: 1000,
    cacheControl: at === count - 1 ? marker : undefined,
  })),
  totalTokens: count * 1000,
  beforeMessage: [],
  end: '',
  turn: '',
});

test('entries live for their time, and reading renews them', () => {
  const cache = createPromptCache();
  const read = (at: number) =>
    cache.account('t', model, prefixOf(2, { type: 'ephemeral' }), undefined, at).read;
  expect(read(0)).toBe(0);
  expect(read(4 * MINUTE)).toBe(2000);
  expect(read(8 * MINUTE)).toBe(2000);
  expect(read(14 * MINUTE)).toBe(0);
});

test('the search goes back twenty blocks and no further', () => {
  const marker = { type: 'ephemeral' as const };
  for (const [added, expected] of [
    [19, 2000],
    [20, 0],
  ] as const) {
    const cache = createPromptCache();
    cache.account('t', model, prefixOf(2, marker), undefined, 0);
    expect(cache.account('t', model, prefixOf(2 + added, marker), undefined, 1).read).toBe(expected);
  }
});
