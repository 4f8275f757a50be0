/** Waits of the harness, in milliseconds, each with its reason. They bound failures; nothing waits for them to pass. */

/** Lease (10 s), sweep (1 s), three crashes in a row, and the work itself on two busy cores. */
export const SWARM_END_DEADLINE_MS = 120_000;
/** A creation is tried again over a restart of the API, or of Redis. */
export const CREATE_DEADLINE_MS = 60_000;
/** After this without an answer a creation is tried again. */
export const CREATE_TRY_MS = 3_000;
/** Rest between two tries. */
export const RETRY_EVERY_MS = 100;
/** A job in the hands of a killed worker is given back by BullMQ after its lock (15 s) and its check (5 s). */
export const LEFTOVER_DEADLINE_MS = 40_000;
/** Locks last up to 5 s when their owner was killed. */
export const LOCK_DEADLINE_MS = 10_000;
/** A process that was told to stop is gone in 20 s. */
export const GRACEFUL_EXIT_MS = 20_000;
/** A reader whose stream says nothing for this long asks whether the swarm has ended. */
export const READER_STUCK_MS = 30_000;
/** How often a swarm's status is asked while it runs. */
export const STATUS_EVERY_MS = 250;
/** A process that cannot start is started again for this long. */
export const STARTS_AGAIN_MS = 30_000;
/** Redis looks after a write that failed once a second, and swarms that are under way write all the time. */
export const REDIS_NOTICES_MS = 15_000;
