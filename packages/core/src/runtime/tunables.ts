/** Every wait and limit of the engine, in milliseconds unless named otherwise, each with its reason. */

/** A worker that has not renewed for this long is taken for dead. Ten missed heartbeats: a long stall, not a hiccup. */
export const TASK_LEASE_MS = 10_000;
/** How often a worker renews its leases and learns of a stop: half of the two seconds a stop may take. */
export const HEARTBEAT_EVERY_MS = 1_000;
/** A planner that has not renewed for this long is taken for dead. */
export const PLAN_LEASE_MS = 15_000;
/** How often the planner renews; three misses before the lease ends. */
export const PLAN_RENEW_EVERY_MS = 4_000;
/** Pause between two sweeps: bounds what a lost message costs. */
export const SWEEP_EVERY_MS = 1_000;
/** The sweep's lock outlives a slow sweep, yet not a dead scheduler for long. */
export const SWEEP_LOCK_MS = 5_000;
/** Swarms looked at per sweep step; keeps one sweep from hogging Redis. */
export const SWEEP_BATCH = 100;
/** The time from SIGTERM to exit; Kubernetes' grace period must be longer. */
export const SHUTDOWN_DEADLINE_MS = 20_000;
/** Redis must answer the first ping within this, or the process says so and ends. */
export const REDIS_BOOT_DEADLINE_MS = 5_000;
/** The API gives a Redis command this long before it answers 503. */
export const API_REDIS_COMMAND_DEADLINE_MS = 900;
/** Finished swarms and all that belongs to them expire after this. */
export const FINISHED_SWARM_TTL_S = 7 * 24 * 3600;
/** How long an idempotency key remembers its swarm, in seconds. */
export const IDEMPOTENCY_TTL_S = 24 * 3600;
/** Log lines kept per swarm. */
export const SWARM_LOG_LENGTH = 2_000;
/** Token deltas of one agent are gathered this long: ten messages a second. */
export const DELTA_EVERY_MS = 100;
/** Crashes of a worker under the same task after which the task is given up. */
export const POISON_CRASHES = 3;
/** BullMQ's own lock on a delivered job; renewed by BullMQ at half. Delivery only: the task's lease decides. */
export const JOB_LOCK_MS = 15_000;
/** How often BullMQ looks for jobs whose lock ended. */
export const JOB_STALLED_EVERY_MS = 5_000;
/** One model call may take this long before it is aborted and tried again. */
export const MODEL_CALL_TIMEOUT_MS = 120_000;
/** Work that was let through but is not yet in the ledger counts as under way for this long; a dispatch takes milliseconds. */
export const RESERVATION_MS = 5_000;
/** A dispatcher that comes back later than this to what it was given lets it go: half of the reservation. */
export const RESERVATION_USE_MS = 2_500;
/** Between the reservation of a swarm's place and its start lie a few round trips; after this it was given up. */
export const START_GRACE_MS = 10_000;
/** How often a worker says that it lives and how much it takes. */
export const CAPACITY_EVERY_MS = 3_000;
/** A worker that has not said so for this long no longer counts: three misses. */
export const CAPACITY_TTL_MS = 10_000;
