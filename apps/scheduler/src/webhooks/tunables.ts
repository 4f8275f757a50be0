import type { PlaceLimits } from './delivery-places.ts';

/** One delivery, from the look-up of the name to the status line of the answer: more is a receiver in trouble. */
export const DELIVERY_TIMEOUT_MS = 10_000;
/** The rest of an answer is read for this long at most, so that a receiver is not cut off while it still writes. */
export const ANSWER_DRAIN_MS = 1_000;
/** And no more of it than this: nobody looks at it. */
export const ANSWER_BYTES = 16 * 1024;
/**
 * A scheduler has a webhook for one delivery and a bit: renewed with each. One that was killed keeps the others waiting no
 * longer.
 */
export const WEBHOOK_LEASE_MS = DELIVERY_TIMEOUT_MS + 3_000;
/** One swarm's turn in a row: then the others have theirs. */
export const WEBHOOK_TURN_MS = 5_000;
/** An answer within this time shows that a receiver is well. */
export const QUICK_ANSWER_MS = 2_000;
/** Reasons to look that are dealt with side by side: two short reads each, whatever becomes of the deliveries. */
export const WEBHOOK_JOBS_AT_ONCE = 50;
/** Deliveries of one scheduler: open sockets, mostly waiting. */
export const PLACES: PlaceLimits = {
  total: 100,
  ofOwner: 25,
  // A quarter of all places, and of an owner's, is always there for receivers that answer.
  unproven: 75,
  unprovenOfOwner: 18,
  // One more than one: a receiver that is met for the first time should not wait for a single slow answer.
  unprovenOfReceiver: 2,
  waitingOfReceiver: 1_000,
  remembered: 10_000,
};
/** How often every webhook is looked at: what a lost message costs. */
export const WEBHOOK_LOOK_EVERY_MS = 1_000;
/** Webhooks read in one step of a look. */
export const WEBHOOK_PAGE = 200;
/** Events read in one step of a delivery. */
export const EVENT_PAGE = 200;
/** Events published one right after the other are one reason to look. */
export const NUDGE_AFTER_MS = 20;
/** Pause after the first failure; it doubles with each further one. */
export const RETRY_FIRST_MS = 1_000;
/** No pause is longer. */
export const RETRY_LONGEST_MS = 3_600_000;
/** Tries of one event: with the pauses above about four hours, enough for an outage that somebody notices. */
export const MOST_ATTEMPTS = 16;
/** However few tries there were: older news helps nobody. */
export const MOST_TIME_MS = 6 * 3_600_000;
