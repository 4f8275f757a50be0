/** Every wait and limit of the engine, in milliseconds unless named otherwise, each with its reason. */

/**
 * A worker that has not renewed for this long is taken for dead. Ten missed heartbeats: a long stall, not a hiccup. Only a
 * machine or a network that is lost costs this; with a sweep and a delivery it stays under 15 s. A killed process is
 * noticed by its connection (below).
 */
export const TASK_LEASE_MS = 10_000;
/**
 * A worker that could not renew for this share of the lease begins no turn and no model call any more: somebody may have stopped the
 * swarm meanwhile, and soon another worker may have the task. What is under way goes on: it is being paid for.
 */
export const LEASE_DOUBT_SHARE = 0.5;
/** How often a worker renews its leases and learns of a stop: half of the two seconds a stop may take. */
export const HEARTBEAT_EVERY_MS = 1_000;
/** A planner that has not renewed for this long is taken for dead: with a sweep, a plan goes on within 5 s of a kill. */
export const PLAN_LEASE_MS = 3_500;
/** How often the planner renews; three misses before the lease ends. */
export const PLAN_RENEW_EVERY_MS = 1_000;
/** Pause between two sweeps: bounds what a lost message costs. */
export const SWEEP_EVERY_MS = 1_000;
/** The sweep's lock outlives a usual sweep, yet not a dead scheduler for long. A slow one may be overtaken: no harm. */
export const SWEEP_LOCK_MS = 1_500;
/** Swarms looked at per sweep step; keeps one sweep from hogging Redis. */
export const SWEEP_BATCH = 100;
/** How often a scheduler compares the registered workers with Redis's connections. Two misses: a kill costs 0.6 s at most. */
export const WATCH_EVERY_MS = 300;
/** The lock of that watch; another scheduler takes over when it has not been renewed for this long. */
export const WATCH_LOCK_MS = 1_500;
/** After Redis, or the way to it, was away, workers get this long to be back: the longest back-off and one connect. */
export const RECONNECT_GRACE_MS = 5_000;
/**
 * Redis was away when none of our scripts reached it for this long (workers and sweeps send one a second), or what was asked of it
 * took so long. Shorter than what is left
 * at least of a plan's lease, the shorter one, when a break begins.
 */
export const LEDGER_BREAK_MS = 2_500;
/**
 * After such a break leases that ended meanwhile do not count yet: whoever lives renews what he has, or hands in what was paid for. One
 * lease: a connection that was cut for ten seconds may need as long again until it notices that it is whole.
 */
export const LEASES_COUNT_AFTER_MS = 10_000;
/** What was counted of the fleet's free places is forgotten after this: three heartbeats. */
export const FREE_PLACES_KNOWN_MS = 3_000;
/** A registered worker that has neither written nor been connected for this long is forgotten. */
export const WORKER_FORGOTTEN_MS = 60_000;
/** Pause between two steps of the slow walk over all keys, which finds what no index names any more. */
export const WALK_EVERY_MS = 10_000;
/** Keys that one step looks at: a few milliseconds of Redis a minute. */
export const WALK_STEP_KEYS = 200;
/** A repair of the same swarm is asked for at most once in this time, however often it is read or redelivered. */
export const REPAIR_ASKED_EVERY_MS = 5_000;
/** The time from SIGTERM to exit; Kubernetes' grace period must be longer. */
export const SHUTDOWN_DEADLINE_MS = 20_000;
/** A client that lost Redis tries again after at most this: part of what its return costs everybody. */
export const REDIS_RECONNECT_AT_MOST_MS = 400;
/** What a Redis refused that is full, or not to be written to, is sent again after this. */
export const REDIS_RETRY_MS = 200;
/** Redis must answer the first ping within this, or the process says so and ends. */
export const REDIS_BOOT_DEADLINE_MS = 5_000;
/** The API gives a Redis command this long before it answers 503. */
export const API_REDIS_COMMAND_DEADLINE_MS = 900;
/** A reading of Redis's clock is taken anew beside the next command after this: bounds what a change of that clock may cost. */
export const REDIS_CLOCK_FRESH_MS = 1_000;
/** A reading older than this (nobody called for a while) is not relied upon: the next command waits for a new one. */
export const REDIS_CLOCK_KNOWN_MS = 10_000;
/** How long a deleted swarm's id is refused, in seconds: longer than any key or request may bring it up again. */
export const DELETED_SWARM_KNOWN_S = 48 * 3600;
/** Finished swarms and all that belongs to them expire after this. */
export const FINISHED_SWARM_TTL_S = 7 * 24 * 3600;
/** Every so often the sweep asks of each unfinished swarm whether it still is there, to keep the owners' indexes true. */
export const KNOWN_SWARM_CHECK_MS = 6 * 3600 * 1000;
/** Known swarms asked about in one sweep: bounds its cost, and still keeps up with 100 expiring each second. */
export const KNOWN_SWARMS_PER_SWEEP = 100;
/** Events kept per swarm: some 10 MB at most. A reader that is further behind is told to read the state anew. */
export const SWARM_EVENTS_KEPT = 20_000;
/** Journal entries and results larger than this lie among the swarm's file contents, and the ledger refers to them. */
export const INLINE_LIMIT_BYTES = 256 * 1024;
/** All of one task's journal, in bytes: several times the longest conversation that a model can read. */
export const TASK_JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024;
/** How long an idempotency key remembers its swarm, in seconds. */
export const IDEMPOTENCY_TTL_S = 24 * 3600;
/** Log lines kept per swarm. */
export const SWARM_LOG_LENGTH = 2_000;
/** Approvals that one swarm may ask for: more than people decide on, and a few megabytes at most. */
export const SWARM_APPROVALS = 1_000;
/** Characters of a call's input that an approval shows: enough to judge most, and bounded. */
export const APPROVAL_INPUT_CHARS = 2_000;
/** On a Redis Cluster, how often the relay looks for events whose message got lost. Bounds how late they come. */
export const RELAY_CLUSTER_LOOK_EVERY_MS = 2_000;
/** Events that could not be read just now are read again after this: most that fails passes in less. */
export const RELAY_RETRY_MS = 500;
/** How often the relay looks for new swarms of those who follow all of theirs: only a message that got lost needs it. */
export const CENSUS_LOOK_EVERY_MS = 5_000;
/** New swarms are looked for this far back: more than the clocks of two machines differ, and than news of a swarm takes. */
export const CENSUS_WINDOW_MS = 60_000;
/** Token deltas of one agent are gathered this long: ten messages a second. */
export const DELTA_EVERY_MS = 100;
/** Crashes of a worker under the same task after which the task is given up. */
export const POISON_CRASHES = 3;
/** BullMQ's own lock on a delivered job; renewed by BullMQ at half. Delivery only: the task's lease decides. */
export const JOB_LOCK_MS = 15_000;
/** How often BullMQ looks for jobs whose lock ended. */
export const JOB_STALLED_EVERY_MS = 5_000;
/**
 * Whoever waits for a job looks for one by himself this often: the message that there is one may have been lost with a
 * connection, or taken while Redis was full.
 */
export const JOB_LOOK_EVERY_MS = 1_000;
/** One model call may take this long before it is aborted and tried again. */
export const MODEL_CALL_TIMEOUT_MS = 120_000;
/** Tasks handed over in a row within one place of a worker: then the queue, with its order among swarms, has its turn. */
export const HAND_OVERS_IN_A_ROW = 16;
/** Where others may be waiting, a swarm keeps a place of a worker through hand-overs for no longer than this. */
export const HAND_OVER_SLOT_MS = 500;
/** Results of one swarm that are recorded by one script at most, and their bytes: about a millisecond of Redis. */
export const COMPLETIONS_AT_ONCE = 32;
export const COMPLETION_BYTES_AT_ONCE = 512 * 1024;
/**
 * The queue of tasks is short while fewer jobs wait in it than this, or than one for so many at work. What waits there is
 * before everybody who comes later, so it is as little as keeps places from running dry: a look that fills it again takes a
 * few milliseconds, in which places finish that much of what they do when tasks take 25 ms or more.
 */
export const QUEUE_SHORT_AT_LEAST = 8;
export const QUEUE_SHARE_OF_ACTIVE = 8;
/**
 * Tasks that a swarm may send on at once while nobody waits: as many as most have ready, and no more, since what it does not use
 * is kept from others until its jobs are added. A wider one asks again.
 */
export const UNITS_WISHED_AT_ONCE = 4;
/** Tasks that one look may let through: bounds the script, and what a process that dies right then leaves to the sweep. */
export const TURN_UNITS_AT_MOST = 32;
/** A dispatch and its jobs take a few milliseconds; a process that granted itself room and died holds it no longer. */
export const GRANT_TTL_MS = 1_000;
/** After a look found nobody waiting, a process does not look again for this long: fifty cheap looks a second at most. */
export const RING_EMPTY_FOR_MS = 20;
/** How often a scheduler looks whether somebody waits for whom there is room: what nobody else noticed costs this. */
export const TURNS_EVERY_MS = 200;
/** Plan requests that were tagged reach their queue within this; only then may an empty queue forget the owners' tags. */
export const PLAN_TAGS_FORGOTTEN_MS = 1_000;
/** Nobody has asked for a plan for so long: whoever still waits competes with nobody, and the tags need not be kept. */
export const PLAN_TAGS_KEPT_MS = 3_600_000;
/** A place among the started swarms is taken just before the swarm is created or started; later without it is a mistake. */
export const PLACE_GRACE_MS = 10_000;
/** An owner who was refused a place is given the next one for so long: three times as long as clients are told to wait. */
export const PLACE_WANTED_MS = 15_000;
/** Places looked at before a start is refused: all of them, in any but the largest systems. */
export const PLACES_VERIFIED = 500;
/** A Redis that did not take the secret of the owners' names is asked again after this. */
export const OWNER_NAMES_RETRY_MS = 1_000;
/** Room is reserved for a swarm just before it is written; without a swarm after this it is free again. */
export const STORAGE_RESERVED_MS = 60_000;
/** Swarms whose stored bytes are counted anew in one sweep, by chance: whatever was missed is counted in time. */
export const STORAGE_PER_SWEEP = 100;
/** Places looked at in one sweep, by chance: whatever was missed is found in time. */
export const PLACES_PER_SWEEP = 50;
/** Work of one request runs this long before others have their turn: ten such slices are still no delay that anybody notices. */
export const SLICE_MS = 5;
/**
 * Tasks of a new swarm, and their bytes, that one script writes: some ten milliseconds, in which Redis serves nobody else. A swarm with
 * more is drafted in parts.
 */
export const TASKS_WRITTEN_AT_ONCE = 500;
export const TASK_BYTES_WRITTEN_AT_ONCE = 128 * 1024;
/** A draft that nobody goes on with is gone after this, in seconds: many times what the slowest part takes. */
export const DRAFT_KEPT_S = 60;
