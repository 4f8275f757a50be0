/** Waits and limits of a worker, in milliseconds unless named otherwise, each with its reason. */

/** Turns of one task over all attempts: an agent that needs more goes round in circles. */
export const MAX_TURNS = 40;

/** Taking no more jobs is a matter of one flag; should it hang, the rest goes on after this. */
export const PAUSE_MS = 500;
/** From SIGTERM, agents may take this long to reach a turn boundary; then their streams are aborted. */
export const DRAIN_BOUNDARY_MS = 15_000;
/** After that, handing the tasks back may take this long: all steps together stay under the 20 s of a shutdown. */
export const HAND_BACK_MS = 2_000;
/** Closing the consumer, and then the queues, may take this long each. */
export const CLOSE_MS = 500;
/** While Redis is away, its errors are logged once in this time. */
export const REDIS_ERROR_LOG_EVERY_MS = 10_000;

/** Files that one task may write. Their list has to fit into one journal entry. */
export const MAX_WRITTEN_FILES = 2_000;
/** Bytes that one workspace may hold; the swarm's artifact store takes no more. */
export const MAX_WORKSPACE_BYTES = 64 * 1024 * 1024;
/** Files read from or written to Redis side by side. */
export const FILE_CONCURRENCY = 8;
/** How often a worker looks whether the disk of its workspaces has room: a task that met a full one rests about as long. */
export const ROOM_LOOK_EVERY_MS = 500;
/** Bytes free on that disk with which a worker takes no task: a workspace could hardly be begun. */
export const ROOM_BYTES = 1024 * 1024;
/** A workspace folder of another machine on a shared volume is given up after this. */
export const WORKSPACE_LEFTOVER_MS = 24 * 3600_000;

/** Characters of one tool's answer: about 10,000 tokens. */
export const TOOL_OUTPUT_CHARS = 40_000;
/** Refused calls of one turn that its event names, and characters of each refusal. */
export const REFUSALS_TOLD = 5;
export const REFUSAL_CHARS = 300;
/** Lines of a listing. */
export const LIST_LIMIT = 500;
/** One search may take this long; a pattern that backtracks without end is cut off by it. */
export const SEARCH_TIME_MS = 3_000;
/** A thread for searches that is not there after this never will be. */
export const SEARCH_START_MS = 30_000;
/** Tool calls of one turn that are run. Models make some dozen at most. */
export const TURN_CALLS = 64;
/** Bytes that the calls of one turn may write, in all: more than any model says in a turn. */
export const TURN_WRITE_BYTES = 8 * 1024 * 1024;
/** How long the tools of one attempt may be at work, in all: forty turns of quick calls take seconds. */
export const ATTEMPT_TOOL_MS = 120_000;
/** Matches shown of one search. */
export const SEARCH_MATCHES = 200;
/** Characters shown of one matching line; longer lines are searched up to ten times this. */
export const SEARCH_LINE_CHARS = 300;
/** Files larger than this are not searched, in bytes. */
export const SEARCH_FILE_BYTES = 2 * 1024 * 1024;

/** Characters of a result's summary. */
export const SUMMARY_CHARS = 2_000;
/** Characters of a result's output: with the rest of a journal entry under 256 KiB. */
export const OUTPUT_CHARS = 100_000;
/** Characters of the summary that the event of completion carries. */
export const EVENT_SUMMARY_CHARS = 500;
/** Characters of an error's message in the ledger. */
export const FAILURE_MESSAGE_CHARS = 1_000;

/** A wait for the model provider that is shorter than this is over before anybody asks why nothing happens. */
export const TOLD_WAIT_MS = 1_000;

/** Characters of a diff that an approval shows. */
export const DIFF_CHARS = 8_000;
/** Lines that a diff may add and remove, and milliseconds it may take: beyond that the new content is shown instead. */
export const DIFF_EDITS = 1_000;
export const DIFF_MS = 50;
/** Characters of a question to a person: it has to be read at once. */
export const QUESTION_CHARS = 2_000;

/** Characters that all dependencies together may take in the first message, for summaries and again for outputs. */
export const DEPENDENCY_CHARS = 60_000;
/** Characters of one dependency's output in the first message; the whole text is a file then. */
export const DEPENDENCY_OUTPUT_CHARS = 4_000;
/** Files named in the first message. */
export const FIRST_MESSAGE_FILES = 200;
