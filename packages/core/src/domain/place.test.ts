import { expect, test } from 'vitest';
import { placeIsFree } from './place.ts';

const NOW = 1_000_000;
const GRACE_MS = 10_000;
const isFree = (facts: Omit<Parameters<typeof placeIsFree>[0], 'takenAt'>, ageMs: number) =>
  placeIsFree({ ...facts, takenAt: NOW - ageMs }, NOW, GRACE_MS);

test('a swarm that is started keeps its place however long it takes', () => {
  expect(isFree({ status: 'executing' }, 1e9)).toBe(false);
  expect(isFree({ status: 'planning', startRequested: true }, 1e9)).toBe(false);
});

test('one that has ended gives it back at once', () => {
  for (const status of ['completed', 'failed', 'stopped'] as const) expect(isFree({ status }, 0)).toBe(true);
});

test('one whose start never came, or that is paused, gives it back after a while', () => {
  for (const facts of [{}, { status: 'planning' }, { status: 'ready' }, { status: 'paused' }] as const) {
    expect(isFree(facts, GRACE_MS - 1)).toBe(false);
    expect(isFree(facts, GRACE_MS)).toBe(true);
  }
});
