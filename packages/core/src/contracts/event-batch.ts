import type { SwarmEvent } from './swarm-event.ts';

/**
 * The events of one script as they stand in a swarm's stream and go over its channel: what they have in common once, and their
 * numbers by their place. Written by `lua/includes/swarm.lua`.
 */
interface EventBatch extends Pick<SwarmEvent, 'v' | 'epoch' | 'at' | 'swarmId'> {
  /** The number of the first. */
  seq: number;
  events: Omit<SwarmEvent, 'v' | 'epoch' | 'seq' | 'at' | 'swarmId'>[];
}

/** @param text JSON of a batch @returns its events, in order */
export function eventsOfBatch(text: string): SwarmEvent[] {
  const { v, epoch, seq, at, swarmId, events } = JSON.parse(text) as EventBatch;
  return events.map(({ type, data, ...rest }, i) => ({
    v,
    epoch,
    seq: seq + i,
    type,
    at,
    swarmId,
    ...rest,
    data: type === 'task.created' ? withDependencyList(data) : data,
  }));
}

/** The scripts write the ids with commas between: in Lua an empty list would read as an object. */
function withDependencyList(data: SwarmEvent['data']): SwarmEvent['data'] {
  const { dependencies } = data;
  if (typeof dependencies !== 'string') return data;
  return { ...data, dependencies: dependencies === '' ? [] : dependencies.split(',') };
}

/** The other way round, for one event. */
export function batchOfEvent({ v, epoch, seq, at, swarmId, ...event }: SwarmEvent): string {
  const batch: EventBatch = { v, epoch, seq, at, swarmId, events: [event] };
  return JSON.stringify(batch);
}
