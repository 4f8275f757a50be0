import fc from 'fast-check';
import { PLACES } from './texts.ts';

/** One socket that sends the same few messages as fast as it can. */
export interface FrameFlood {
  messages: string[];
  /** Messages in all. */
  times: number;
  /** Takes what the server sends. */
  reads: boolean;
}

const swarmId = fc.constantFrom<string>(...PLACES, '*', 'swarm_of_nobody');
const message = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('subscribe', 'unsubscribe'), swarmId)
      .map(([type, id]) => ({ type, swarmId: id })),
  },
  { weight: 2, arbitrary: swarmId.map((id) => ({ type: 'subscribe', swarmId: id, after: 0 })) },
  { weight: 1, arbitrary: fc.constant({ type: 'ping' }) },
  {
    weight: 1,
    arbitrary: fc.constant({
      type: 'subscribe',
      swarmId: '*',
      positions: Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`nothing-${n}`, { after: n }])),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'more', padding: 'x'.repeat(30_000) }) },
);

export const frameFlood: fc.Arbitrary<FrameFlood> = fc.record({
  messages: fc.array(
    message.map((one) => JSON.stringify(one)),
    { minLength: 1, maxLength: 6 },
  ),
  times: fc.constantFrom(150, 1_000, 5_000),
  reads: fc.boolean(),
});
