import { eventsOfBatch } from '../contracts/event-batch.ts';
import type { Resync, SwarmEvent } from '../contracts/swarm-event.ts';
import type { Ledger } from './ledger.ts';

/** Where a reader stands: it has had the events up to `seq`; the last of them was of `epoch`, when it knows. */
export interface EventPosition {
  seq: number;
  epoch?: number | undefined;
}

export interface EventPage {
  /** In order and without a gap: what follows the position, or, after a resync, what follows `firstSeq - 1`. */
  events: SwarmEvent[];
  /** The position is not there: trimmed away, or of a history that was lost. */
  resync?: Resync;
  /** There is no such swarm: deleted, expired or lost. */
  gone?: true;
}

/**
 * A swarm's events after a given number, in order and without a gap.
 * @param after 0 for all
 */
export async function readEvents(
  ledger: Ledger,
  swarmId: string,
  after: number,
  limit: number,
): Promise<SwarmEvent[]> {
  return range(ledger, swarmId, after + 1, limit);
}

/** The same, with proof that the reader's own last event is still the one it had. One command when all is well. */
export async function readEventsFrom(
  ledger: Ledger,
  swarmId: string,
  position: EventPosition,
  limit: number,
): Promise<EventPage> {
  const { seq, epoch } = position;
  const found = await range(ledger, swarmId, seq, limit + 1);
  const [first] = found;
  const same = epoch === undefined || first?.epoch === epoch;
  if (first?.seq === seq && same) return { events: found.slice(1) };
  // Its own event was trimmed away; the next one, if of the same epoch, is of the same history.
  if (first?.seq === seq + 1 && (same || seq === 0)) return { events: found.slice(0, limit) };
  return startAnew(ledger, swarmId, limit);
}

async function startAnew(ledger: Ledger, swarmId: string, limit: number): Promise<EventPage> {
  const events = await range(ledger, swarmId, 0, limit);
  const meta = await ledger.redis.hmget(ledger.keys.swarm(swarmId, 'meta'), 'seq', 'epoch');
  const [seq, epoch] = meta.map(Number);
  const firstSeq = events[0]?.seq;
  if (!seq || epoch === undefined) return { events: [], gone: true };
  if (firstSeq === undefined) return { events: [] };
  return { events, resync: { swarmId, epoch, firstSeq, seq } };
}

/** Entries read in one go: each holds the events of one change. */
const ENTRIES = 100;

/** Events from a number on. An entry's id is the number of its last event, so that the first found may begin before it. */
async function range(ledger: Ledger, swarmId: string, from: number, limit: number): Promise<SwarmEvent[]> {
  const key = ledger.keys.swarm(swarmId, 'events');
  const found: SwarmEvent[] = [];
  let next = from;
  while (found.length < limit) {
    const entries = await ledger.redis.xrange(key, `${next}-0`, '+', 'COUNT', ENTRIES);
    for (const [, fields] of entries) {
      for (const event of eventsOf(fields)) if (event.seq >= next) found.push(event);
    }
    if (entries.length < ENTRIES) break;
    next = (found.at(-1)?.seq ?? next) + 1;
  }
  return found.slice(0, limit);
}

/** The events of one entry of the stream, in order. */
export function eventsOf([, text]: readonly string[]): SwarmEvent[] {
  return text === undefined ? [] : eventsOfBatch(text);
}
