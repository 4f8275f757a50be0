/** Waits and limits of model calls, in milliseconds unless named otherwise, each with its reason. */

/** First wait after a failed call, doubling from there: a hiccup of the provider is over in less. */
export const MODEL_RETRY_BASE_MS = 500;
/** No single wait of our own choosing is longer: after a long outage the first calls come back within this. */
export const MODEL_RETRY_CAP_MS = 20_000;
/** How long one turn is tried again when the provider cannot be reached or fails (5xx): then the setup is wrong. */
export const MODEL_RETRY_BUDGET_MS = 60_000;
/** How long one turn is tried again when the provider is busy (429, 503, 529): a bad spell of five minutes is survived. */
export const MODEL_OVERLOAD_BUDGET_MS = 360_000;
/** A provider's `retry-after` is kept, plus up to this share of it, so that a fleet does not come back as one. */
export const RETRY_AFTER_JITTER = 0.1;
/** Bytes of one answer on the wire, several times what the longest has: beyond it the provider does not end by itself. */
export const MODEL_ANSWER_BYTES = 32 * 1024 * 1024;
/** Output tokens of one turn unless the environment says otherwise: a long file fits; more would only reserve the account's output rate. */
export const MODEL_OUTPUT_TOKENS = 16_000;
