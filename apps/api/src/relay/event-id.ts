import type { EventPosition } from '@claude-flow/core/store/events';

/** The id of a message of an event stream: `<seq>-<epoch>`, so that a browser that comes back proves what it had. */
export function eventId(event: { seq: number; epoch: number }): string {
  return `${event.seq}-${event.epoch}`;
}

/** Two numbers of 15 digits and what stands between. */
export const MAX_EVENT_ID = 31;

/** Reads such an id, or a number alone. @returns undefined when it is neither */
export function parseEventId(id: string): EventPosition | undefined {
  const parts = /^([0-9]{1,15})(?:-([0-9]{1,15}))?$/.exec(id);
  if (parts === null) return undefined;
  const [, seq, epoch] = parts;
  return { seq: Number(seq), ...(epoch === undefined ? {} : { epoch: Number(epoch) }) };
}
