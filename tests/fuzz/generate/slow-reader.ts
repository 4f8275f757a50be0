import fc from 'fast-check';
import { PLACES } from './texts.ts';

/** One client that asks for much and takes it late, slowly or not at all. */
export interface SlowReader {
  /** With places to be filled. Asked for one after the other on one connection, without waiting. */
  targets: string[];
  /** Connections that do the same at once. */
  times: number;
  /** Takes nothing for so long, ms. */
  idleMs: number;
  /** Then takes all it gets, some bytes at a time, or goes. */
  ending: 'reads' | 'sips' | 'goes';
}

const swarm = fc.constantFrom(...PLACES.filter((place) => place.startsWith('@own-')));
const large = fc.oneof(
  { weight: 4, arbitrary: fc.constant('/docs/scalar.js') },
  { weight: 2, arbitrary: fc.constant('/openapi.json') },
  { weight: 2, arbitrary: fc.constant('/api/swarms') },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        swarm,
        fc.constantFrom(
          'results',
          'tasks',
          'agents',
          'graph',
          'artifacts',
          'artifacts.tar',
          'logs',
          'metrics',
        ),
      )
      .map(([id, what]) => `/api/swarm/${id}/${what}`),
  },
);

export const slowReader: fc.Arbitrary<SlowReader> = fc.record({
  targets: fc.array(large, { minLength: 1, maxLength: 24 }),
  times: fc.constantFrom(1, 4, 12),
  idleMs: fc.constantFrom(0, 500, 3_000),
  ending: fc.constantFrom('reads' as const, 'sips' as const, 'goes' as const),
});
