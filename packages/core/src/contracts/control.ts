import { z } from 'zod';

/**
 * Broadcast to all workers when a swarm must stop at once. A worker that misses it learns the same from its next
 * heartbeat.
 */
export const controlMessageSchema = z.object({
  type: z.literal('stop'),
  swarmId: z.string(),
});
export type ControlMessage = z.infer<typeof controlMessageSchema>;
