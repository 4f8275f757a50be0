import { isTerminalSwarm, type SwarmStatus } from './states.ts';
import type { TaskState } from './task.ts';

/**
 * What is broken, and by which name. Everything here is pure: the same observation gives the same verdict, from whichever
 * process and for whatever reason it is asked: the sweep, the watch over workers, a redelivery, a read, the doctor.
 */

/** What is known of one unfinished task. */
export interface StaleObservation {
  task: Pick<TaskState, 'status' | 'queuedAt' | 'retryAt' | 'token' | 'attempt'>;
  /** When the task's lease ends (running only). */
  leaseUntil?: number;
  /** State of the attempt's BullMQ job; `missing` when there is none. */
  job?: 'waiting' | 'active' | 'missing';
  /** The worker that has the task, or its job, is known to be gone. */
  workerGone?: boolean;
}

export type StaleVerdict =
  | 'healthy'
  | 'lease-expired'
  | 'worker-gone'
  | 'never-queued'
  | 'job-missing'
  | 'delivery-lost'
  | 'retry-due';

/**
 * A worker claims within milliseconds of delivery; a job active this long without a claim lost its worker, or never reached it
 * because a connection broke right then. With a sweep and another delivery that is less than 5 s.
 */
export const DELIVERY_GRACE_MS = 2_500;
/** Between the ledger's `queued` and the job's arrival lies one round trip; younger than this is not yet lost. */
export const ENQUEUE_GRACE_MS = 1_000;

export function classifyTask(seen: StaleObservation, now: number): StaleVerdict {
  switch (seen.task.status) {
    case 'running':
      if (seen.workerGone === true) return 'worker-gone';
      return seen.leaseUntil === undefined || seen.leaseUntil <= now ? 'lease-expired' : 'healthy';
    case 'queued': {
      const age = now - (seen.task.queuedAt ?? 0);
      if (seen.job === 'missing') return age >= ENQUEUE_GRACE_MS ? 'job-missing' : 'healthy';
      if (seen.job === 'active')
        return seen.workerGone === true || age >= DELIVERY_GRACE_MS ? 'delivery-lost' : 'healthy';
      return 'healthy';
    }
    case 'retrying':
      return (seen.task.retryAt ?? 0) <= now ? 'retry-due' : 'healthy';
    case 'ready':
      return 'never-queued';
    default:
      return 'healthy';
  }
}

/** What is known of one swarm as a whole. Times are milliseconds since 1970, by Redis. */
export interface SwarmFacts {
  exists: boolean;
  status?: SwarmStatus;
  planned?: boolean;
  startRequested?: boolean;
  deadlineAt?: number;
  planLeaseUntil?: number;
  /** When its newest event was written. */
  lastEventAt?: number;
  /** When it was put into the index of active swarms. */
  indexedAt?: number;
  /** A request for the plan still waits in its queue. */
  planWaiting: boolean;
  /** Tasks that have not ended, by the set of open ones. */
  openCount: number;
  /** The same, by the places where such tasks wait: ready, queued, running, retrying, suspended, blocked. */
  placedCount: number;
  suspendedCount: number;
}

export type SwarmVerdict =
  | 'healthy'
  /** An index entry without a swarm. */
  | 'ghost'
  /** It has ended: to be taken out of the index and left to expire. The sweep's daily work. */
  | 'finished'
  | 'deadline-passed'
  | 'plan-lost'
  | 'never-started'
  /** Nothing is open, yet it has not ended. */
  | 'unsettled'
  /** Tasks are in no place, in two, or suspended though the pause is over. */
  | 'misplaced';

/** Creation writes the index first and the swarm right after; an entry this old without a swarm never gets one. */
export const GHOST_AFTER_MS = 60_000;
/**
 * Between creation and the arrival of its plan request, or of the caller's own graph, lie a few round trips. A request that a
 * scheduler took on a connection that broke right then is missed after this.
 */
export const PLAN_REQUEST_GRACE_MS = 2_000;
/** A swarm that was never started and in which nothing has happened for this long is ended. */
export const NEVER_STARTED_MS = 24 * 3600_000;

/** What has to be done about the swarm as a whole; `healthy` says nothing about its single tasks. */
export function classifySwarm(seen: SwarmFacts, now: number): SwarmVerdict {
  const { status } = seen;
  const age = seen.indexedAt === undefined ? 0 : now - seen.indexedAt;
  if (!seen.exists || status === undefined) return age >= GHOST_AFTER_MS ? 'ghost' : 'healthy';
  if (isTerminalSwarm(status)) return 'finished';
  // The time in `paused` does not count.
  if (status !== 'paused' && seen.deadlineAt !== undefined && seen.deadlineAt <= now)
    return 'deadline-passed';
  const unstarted = status === 'ready' || (status === 'planning' && seen.startRequested !== true);
  if (unstarted && seen.lastEventAt !== undefined && seen.lastEventAt + NEVER_STARTED_MS <= now)
    return 'never-started';
  if (status === 'planning') return planIsLost(seen, age, now) ? 'plan-lost' : 'healthy';
  if (seen.openCount === 0 && status !== 'ready') return 'unsettled';
  if (seen.openCount !== seen.placedCount) return 'misplaced';
  return status === 'executing' && seen.suspendedCount > 0 ? 'misplaced' : 'healthy';
}

function planIsLost(seen: SwarmFacts, age: number, now: number): boolean {
  if (seen.planned === true || seen.planWaiting) return false;
  if (seen.planLeaseUntil === undefined) return age >= PLAN_REQUEST_GRACE_MS;
  return seen.planLeaseUntil <= now;
}

/** What is known of one key of a swarm, found by walking over all keys. */
export interface KeyFacts {
  /** There is a swarm it belongs to. */
  swarmExists: boolean;
  status?: SwarmStatus;
  inActiveIndex: boolean;
  inOwnerIndex: boolean;
  /** The key goes away by itself. */
  expires: boolean;
}

export type KeyVerdict =
  | 'healthy'
  /** Its swarm was deleted. */
  | 'ownerless'
  /** Its swarm is at work and in no index: no sweep would look at it. */
  | 'not-indexed'
  /** Its swarm is missing from its owner's list. */
  | 'not-listed'
  /** Its swarm has ended and been put away, and the key would stay for ever. */
  | 'no-expiry';

export function classifyKey(seen: KeyFacts): KeyVerdict {
  // What has an end goes by itself: it is part of a swarm that is being written, or of one that expires this very moment.
  if (!seen.swarmExists || seen.status === undefined) return seen.expires ? 'healthy' : 'ownerless';
  if (!seen.inActiveIndex) {
    if (!isTerminalSwarm(seen.status)) return 'not-indexed';
    if (!seen.expires) return 'no-expiry';
  }
  return seen.inOwnerIndex ? 'healthy' : 'not-listed';
}

/** What is known of one registered worker at one look at Redis's connections. */
export interface WorkerFacts {
  connected: boolean;
  /** When it was first not seen, without having been seen since; by Redis's clock. */
  missedAt?: number;
}

/** `missed`: not there, which may be a mere reconnect. `gone`: not there twice in a row. */
export type WorkerVerdict = 'connected' | 'missed' | 'gone';

export function classifyWorker(seen: WorkerFacts): WorkerVerdict {
  if (seen.connected) return 'connected';
  return seen.missedAt === undefined ? 'missed' : 'gone';
}

/** Can absence from a list of connections mean anything at this moment? */
export interface ConnectionFacts {
  /** How long Redis has been up, in milliseconds. */
  serverUpMs: number;
  /** Age of the oldest connection of ours. */
  oldestOfOursMs: number;
}

/**
 * After Redis was started, failed over, or cut everybody off, all connections are young: those who are missing are still
 * on their way back, and nobody is taken for dead.
 */
export function absenceCounts(seen: ConnectionFacts, reconnectGraceMs: number): boolean {
  return seen.serverUpMs >= reconnectGraceMs && seen.oldestOfOursMs >= reconnectGraceMs;
}
