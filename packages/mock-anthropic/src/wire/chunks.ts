import type { Random } from '../random.ts';

/** Timers finer than this cost more than they show. */
const MIN_PAUSE_MS = 15;

/** How many bytes of a chunk at most wait for the next one, so that chunk borders fall inside events and characters. */
const MAX_HELD_BACK = 40;

/**
 * Packs encoded events into chunks: as many as the time allows, cut at awkward bytes. Empty chunks never occur.
 * The last chunk holds everything that is left.
 */
export const chunksOf = (events: readonly Buffer[], spreadMs: number, random: Random): Buffer[] => {
  const count = Math.max(1, Math.min(events.length, Math.floor(spreadMs / MIN_PAUSE_MS) + 1));
  const perChunk = Math.ceil(events.length / count);
  const chunks: Buffer[] = [];
  let held: Buffer = Buffer.alloc(0);
  for (let at = 0; at < events.length; at += perChunk) {
    const whole = Buffer.concat([held, ...events.slice(at, at + perChunk)]);
    const last = at + perChunk >= events.length;
    const cut = last
      ? whole.length
      : whole.length - random.between(0, Math.min(MAX_HELD_BACK, whole.length - 1));
    chunks.push(whole.subarray(0, cut));
    held = whole.subarray(cut);
  }
  return chunks;
};
