import fc from 'fast-check';
import { fragment } from './json-text.ts';
import { nastyText, PLACES } from './texts.ts';

/** One frame as it goes over the wire; nothing in it need be allowed. */
export interface Frame {
  /** FIN and the reserved bits, as the high half of the first byte. */
  bits: number;
  opcode: number;
  masked: boolean;
  /** Latin-1 when `binary`, else UTF-8. */
  payload: string;
  binary: boolean;
  /** Says another length than it has. */
  lie: number;
  /** So many times in a row. */
  times: number;
}

const FIN = 8;
export const TEXT = 1;

const right = (payload: string): Frame => ({
  bits: FIN,
  opcode: TEXT,
  masked: true,
  payload,
  binary: false,
  lie: 0,
  times: 1,
});

const type = fc.constantFrom('subscribe', 'unsubscribe', 'ping', '__proto__', 'connected', '');
const swarmId = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<string>(...PLACES, '*').map((place) => JSON.stringify(place)) },
  { weight: 2, arbitrary: nastyText.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fragment },
);
const number = fc.constantFrom('0', '1', '5', '-1', '1.5', '1e308', '9007199254740991', 'null', '"1"', '[]');
const message = fc
  .record({ type, swarmId, after: fc.option(number), epoch: fc.option(number) })
  .map((one) => {
    const after = one.after === null ? '' : `,"after":${one.after}`;
    const epoch = one.epoch === null ? '' : `,"epoch":${one.epoch}`;
    return `{"type":${JSON.stringify(one.type)},"swarmId":${one.swarmId}${after}${epoch}}`;
  });

/** Text frames by the book, whatever they say: these never cost a client its connection. */
const politeFrame: fc.Arbitrary<Frame> = fc
  .oneof(
    { weight: 5, arbitrary: message },
    { weight: 2, arbitrary: nastyText },
    { weight: 2, arbitrary: fragment },
  )
  .filter((text) => Buffer.byteLength(text) <= 60_000)
  .map((text) => right(text.toWellFormed()));

const rudeFrame: fc.Arbitrary<Frame> = fc.record({
  bits: fc.constantFrom(FIN, FIN, FIN, 0, 12, 15, 4),
  opcode: fc.constantFrom(0, 1, 1, 2, 2, 3, 7, 8, 9, 10, 11, 15),
  masked: fc.constantFrom(true, true, true, false),
  payload: fc.oneof(
    message,
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom(
      '',
      '\x03\xe8',
      '\x00',
      '\xff\xff',
      '\xc3\x28',
      '\xed\xa0\x80',
      'x'.repeat(126),
      'x'.repeat(70_000),
    ),
  ),
  binary: fc.boolean(),
  lie: fc.constantFrom(0, 0, 0, 1, -1, 1_000, 2 ** 33),
  times: fc.constantFrom(1, 1, 1, 3, 400),
});

export interface Conversation {
  frames: Frame[];
  /** Everything in it is by the book. */
  polite: boolean;
}

export const conversation: fc.Arbitrary<Conversation> = fc.oneof(
  fc.array(politeFrame, { maxLength: 20 }).map((frames) => ({ frames, polite: true })),
  fc.array(fc.oneof(politeFrame, rudeFrame), { maxLength: 8 }).map((frames) => ({ frames, polite: false })),
);
