/** Every time limit of the local stack, in milliseconds, with its reason. */

/** A process that has not said `process.ready` by then hangs: a cold start on two busy cores takes 3 to 5 s. */
export const PROCESS_READY_DEADLINE_MS = 30_000;

/** Longest orderly shutdown of one of our processes (a worker hands back its tasks in about 5 s). */
export const PROCESS_STOP_GRACE_MS = 15_000;

/** After `exit`, what was still in the pipes arrives at once, unless a grandchild holds them open. */
export const OUTPUT_DRAIN_MS = 500;

/** Redis answers some 20 ms after its start; a long append-only file may take seconds to load. */
export const REDIS_READY_DEADLINE_MS = 20_000;

/** How often a starting Redis is asked whether it answers. */
export const REDIS_READY_EVERY_MS = 15;

/** One question to a Redis on the loopback interface. */
export const REDIS_ANSWER_MS = 2_000;

/** Redis ends within milliseconds of SIGTERM, unless a script keeps it busy. */
export const REDIS_STOP_GRACE_MS = 5_000;

/** `redis-server --version` prints one line and ends. */
export const REDIS_VERSION_MS = 10_000;

/** Package lists and 2 MB of packages over a slow line. */
export const APT_COMMAND_MS = 180_000;

/** A download folder untouched for so long was left behind by a process that was killed. */
export const ABANDONED_DOWNLOAD_MS = 3_600_000;
