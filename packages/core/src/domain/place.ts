import { isTerminalSwarm, type SwarmStatus } from './states.ts';

/** What is known of a place among the started swarms. Times are milliseconds since 1970, by Redis. */
export interface PlaceFacts {
  takenAt: number;
  /** Of its swarm; undefined when there is none. */
  status?: SwarmStatus;
  startRequested?: boolean;
}

/**
 * Is the place nobody's any more? One whose start has not come yet is kept for `graceMs`; so is that of a paused swarm, which takes
 * one again when it goes on: it may be paused for ever.
 */
export function placeIsFree(seen: PlaceFacts, now: number, graceMs: number): boolean {
  const { status } = seen;
  if (status !== undefined) {
    if (isTerminalSwarm(status)) return true;
    if (status === 'executing') return false;
    if (status === 'planning' && seen.startRequested === true) return false;
  }
  return seen.takenAt + graceMs <= now;
}
