import type { Position } from './event-stream.ts';
import type { MonitorMessage } from './monitor-messages.ts';
import { FINAL_EVENTS } from './types-events.ts';

/** Stands for all swarms of the caller's, those to come included. */
export const ALL_SWARMS = '*';

/** News of a swarm may take this long: so far back it is asked for what is new. */
const WINDOW_MS = 60_000;
/** The server takes messages of 64 KiB; a swarm's place is about 60 characters. */
const PLACES_PER_MESSAGE = 500;

/** What a monitor knows of the server while it follows everything, so that it can go on where it stood. */
export interface AllMemory {
  /** The whole past of what has not ended is wanted as well. */
  fromFirst(): void;
  /** Call with every message. */
  note(message: MonitorMessage): void;
  /**
   * The messages that ask for everything: from now on, or, once the server has confirmed that all is followed, after what is
   * known. Places of swarms that ended long ago are forgotten.
   */
  wishes(): Record<string, unknown>[];
  forget(): void;
}

/** @param positions of the swarms that are not followed by name, too */
export function createAllMemory(
  positions: Map<string, Position>,
  isNamed: (swarmId: string) => boolean,
): AllMemory {
  let complete = false;
  let wantsPast = false;
  /** By the server's clock. */
  let heardAt = 0;
  const endedAt = new Map<string, number>();

  function forgetEnded(): void {
    for (const [swarmId, at] of endedAt) {
      if (at >= heardAt - WINDOW_MS) continue;
      endedAt.delete(swarmId);
      if (!isNamed(swarmId)) positions.delete(swarmId);
    }
  }

  return {
    fromFirst() {
      wantsPast = true;
    },
    note(message) {
      if ('timestamp' in message && typeof message.timestamp === 'string') {
        const at = Date.parse(message.timestamp);
        // Of old events, too, when the past is sent.
        if (at > heardAt) heardAt = at;
      }
      if (message.type === 'subscribed') {
        if (message.swarmId === ALL_SWARMS) complete = true;
        else if (!positions.has(message.swarmId)) {
          const { seq, epoch } = message;
          positions.set(message.swarmId, { seq, epoch });
        }
      }
      if (message.type === 'swarm_event' && FINAL_EVENTS.includes(message.eventType)) {
        endedAt.set(message.swarmId, Date.parse(message.timestamp));
        if (endedAt.size % PLACES_PER_MESSAGE === 0) forgetEnded();
      }
    },
    wishes() {
      forgetEnded();
      const wish = { type: 'subscribe', swarmId: ALL_SWARMS };
      const places = [...positions]
        .filter(([swarmId]) => !isNamed(swarmId))
        .map(([swarmId, { seq, epoch }]) => [swarmId, epoch === undefined ? [seq] : [seq, epoch]] as const);
      const messages: Record<string, unknown>[] = [];
      for (let i = 0; i + PLACES_PER_MESSAGE < places.length; i += PLACES_PER_MESSAGE) {
        const some = Object.fromEntries(places.slice(i, i + PLACES_PER_MESSAGE));
        messages.push({ ...wish, places: some, more: true });
      }
      const left = places.slice(messages.length * PLACES_PER_MESSAGE);
      messages.push({
        ...wish,
        ...(complete ? { since: Math.max(0, heardAt - WINDOW_MS) } : {}),
        ...(wantsPast && !complete ? { after: 0 } : {}),
        ...(left.length === 0 ? {} : { places: Object.fromEntries(left) }),
      });
      return messages;
    },
    forget() {
      complete = false;
      wantsPast = false;
      endedAt.clear();
      for (const swarmId of [...positions.keys()]) if (!isNamed(swarmId)) positions.delete(swarmId);
    },
  };
}
