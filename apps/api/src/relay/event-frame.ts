import { eventFrame } from '@claude-flow/core/contracts/event-frame';
import {
  type AgentDelta,
  LAST_EVENTS,
  type Resync,
  type SwarmEvent,
} from '@claude-flow/core/contracts/swarm-event';

const lastEvents: ReadonlySet<string> = new Set(LAST_EVENTS);

export function isLastEvent(event: SwarmEvent): boolean {
  return lastEvents.has(event.type);
}

/** Many readers of one process get the same event: it is written out once. */
const texts = new WeakMap<SwarmEvent, string>();

export function eventText(event: SwarmEvent): string {
  let text = texts.get(event);
  if (text === undefined) {
    text = JSON.stringify(eventFrame(event));
    texts.set(event, text);
  }
  return text;
}

/** Text as an agent writes it; may be missing, is never repeated. */
export function deltaFrame(delta: AgentDelta) {
  return { type: 'agent_delta' as const, ...delta };
}

/** The reader's place is gone: it reads the swarm anew, and goes on with the event `firstSeq`. */
export function resyncFrame(resync: Resync) {
  return { type: 'resync_required' as const, ...resync };
}
