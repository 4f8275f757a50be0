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
/** Deliveries at once of one scheduler: open sockets, mostly waiting. */
export const WEBHOOKS_AT_ONCE = 100;
/**
 * Of these for one owner: receivers that never answer hold their places for as long as a delivery may take. What has no place now is
 * found again by the next look.
 */
export const WEBHOOKS_OF_AN_OWNER = 25;
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
