import type { Resync, SwarmEvent } from './types-events.ts';

/** What the server sends over the WebSocket, by `type`. */
export interface ServerMessages {
  /** Once per connection, first. */
  connected: { type: 'connected'; clientId: string; timestamp?: string };
  swarm_event: {
    type: 'swarm_event';
    swarmId: string;
    eventType: string;
    seq: number;
    epoch: number;
    /** What the event tells; `taskId`, `agentId` and `attempt` among it where there are any. */
    data: Record<string, unknown>;
    timestamp: string;
  };
  /** Read the swarm anew: events go on from `firstSeq`. */
  resync_required: Resync & { type: 'resync_required' };
  /** A swarm's past has come, up to event `seq`. With `*`, that of all `swarms` that there were; `seq` is 0. */
  subscribed: { type: 'subscribed'; swarmId: string; seq: number; epoch?: number; swarms?: number };
  unsubscribed: { type: 'unsubscribed'; swarmId: string };
  /** Text as an agent writes it; may be dropped when the reader is slow. */
  agent_delta: {
    type: 'agent_delta';
    swarmId: string;
    taskId: string;
    agentId: string;
    attempt: number;
    text: string;
  };
  pong: { type: 'pong'; timestamp?: string };
  error: { type: 'error'; code: string; message: string; swarmId?: string };
}

/** What a SwarmMonitor reports, the state of its own connection included. */
export interface MonitorMessages extends ServerMessages {
  /** `code` and `reason` as in a WebSocket's close event; `reconnecting` says whether it will try again. */
  disconnected: { type: 'disconnected'; code: number; reason: string; reconnecting: boolean };
}

/** A `swarm_event` message as it comes over the WebSocket. */
export type SwarmEventMessage = ServerMessages['swarm_event'];
export type ResyncMessage = ServerMessages['resync_required'];
/** Any message that a SwarmMonitor reports. */
export type MonitorMessage = MonitorMessages[keyof MonitorMessages];

/**
 * The event that a `swarm_event` message carries, in the shape of `client.events()`.
 * @example
 * const event = eventOfMessage({
 *   type: 'swarm_event',
 *   swarmId: 'swarm_1',
 *   eventType: 'task.completed',
 *   seq: 7,
 *   epoch: 1,
 *   data: { taskId: 'task_001' },
 *   timestamp: '2026-01-01T00:00:00.000Z',
 * });
 * console.log(event.type, event.taskId);
 */
export function eventOfMessage(message: SwarmEventMessage): SwarmEvent {
  const { taskId, agentId, attempt, ...data } = message.data;
  return {
    seq: message.seq,
    epoch: message.epoch,
    type: message.eventType,
    at: Date.parse(message.timestamp),
    swarmId: message.swarmId,
    ...(typeof taskId === 'string' ? { taskId } : {}),
    ...(typeof agentId === 'string' ? { agentId } : {}),
    ...(typeof attempt === 'number' ? { attempt } : {}),
    data,
  };
}
