/** Waits and limits of planning, in milliseconds unless named otherwise, each with its reason. */

/** All calls for one plan together, retries and repair included: an answer of thirty tasks takes about one minute. */
export const PLANNING_BUDGET_MS = 120_000;
/** Planning never takes more than this share of the swarm's own timeout: the work itself needs the rest. */
export const PLANNING_SHARE_OF_TIMEOUT = 0.4;
/** Room for thirty tasks with long descriptions and the thinking before them, in tokens; below what needs a stream. */
export const PLAN_MAX_TOKENS = 16_000;
/** From SIGTERM, plans at work may take this long: with what follows it stays under the 20 s of a shutdown. */
export const PLAN_DRAIN_MS = 12_000;
