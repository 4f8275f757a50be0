import { HAND_OVER_SLOT_MS, HAND_OVERS_IN_A_ROW } from '../runtime/tunables.ts';

/** One delivered job and the tasks handed over after it: how long a swarm has kept this place of a worker. */
export interface Slot {
  /** Tasks handed over so far. */
  handOvers: number;
  /** By `performance.now()`. */
  since: number;
}

/**
 * May a place of a worker go on with the same swarm, past the queue? Only so often in a row; and where no place of the worker
 * is free, so that others may be waiting, only for so long. A free place means that the queue had nothing to fill it with.
 */
export function mayHandOver(slot: Slot, now: number, freeSlots: number): boolean {
  if (slot.handOvers >= HAND_OVERS_IN_A_ROW) return false;
  return freeSlots > 0 || now - slot.since < HAND_OVER_SLOT_MS;
}
