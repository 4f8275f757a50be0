import type { SwarmEvent } from './swarm-event.ts';

/** One event as every reader outside gets it: in a WebSocket frame, an SSE message, a JSON page, a webhook's body. */
export function eventFrame(event: SwarmEvent) {
  const { taskId, agentId, attempt } = event;
  return {
    type: 'swarm_event' as const,
    swarmId: event.swarmId,
    eventType: event.type,
    seq: event.seq,
    epoch: event.epoch,
    data: {
      ...event.data,
      ...(taskId === undefined ? {} : { taskId }),
      ...(agentId === undefined ? {} : { agentId }),
      ...(attempt === undefined ? {} : { attempt }),
    },
    timestamp: new Date(event.at).toISOString(),
  };
}
