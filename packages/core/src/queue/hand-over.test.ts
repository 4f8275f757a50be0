import { expect, test } from 'vitest';
import { HAND_OVER_SLOT_MS, HAND_OVERS_IN_A_ROW } from '../runtime/tunables.ts';
import { mayHandOver } from './hand-over.ts';

test('a place with a free one beside it goes on with its swarm, but not for ever', () => {
  expect(mayHandOver({ handOvers: 0, since: 0 }, 3_600_000, 1)).toBe(true);
  expect(mayHandOver({ handOvers: HAND_OVERS_IN_A_ROW - 1, since: 0 }, 3_600_000, 1)).toBe(true);
  expect(mayHandOver({ handOvers: HAND_OVERS_IN_A_ROW, since: 0 }, 0, 1)).toBe(false);
});

test('where every place is taken, others may wait: only short tasks go on', () => {
  expect(mayHandOver({ handOvers: 3, since: 1_000 }, 1_000 + HAND_OVER_SLOT_MS - 1, 0)).toBe(true);
  expect(mayHandOver({ handOvers: 0, since: 1_000 }, 1_000 + HAND_OVER_SLOT_MS, 0)).toBe(false);
});
