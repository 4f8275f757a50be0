import { z } from 'zod';

/** Every type an event may have. Additive: clients must ignore types they do not know. */
export const EVENT_TYPES = [
  'swarm.created',
  'swarm.planned',
  'swarm.started',
  'swarm.paused',
  'swarm.resumed',
  'swarm.progress',
  'swarm.completed',
  'swarm.failed',
  'swarm.stopped',
  'task.created',
  'task.assigned',
  'task.started',
  'task.progress',
  'task.retrying',
  'task.suspended',
  'task.completed',
  'task.failed',
  'task.cancelled',
  'task.skipped',
  'agent.spawned',
  'agent.terminated',
  'artifact.stored',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** One change of a swarm, written in the same atomic step as the change itself. */
export const swarmEventSchema = z.object({
  v: z.literal(1),
  /** Changes when the server's data went back in time; `seq` restarts its meaning with it. */
  epoch: z.number().int(),
  /** 1, 2, 3 ... without a gap, per swarm. */
  seq: z.number().int().positive(),
  type: z.string() as z.ZodType<EventType>,
  /** Milliseconds since 1970, by the ledger's clock. */
  at: z.number(),
  swarmId: z.string(),
  taskId: z.string().optional(),
  agentId: z.string().optional(),
  attempt: z.number().int().optional(),
  data: z.record(z.string(), z.unknown()),
});
export type SwarmEvent = z.infer<typeof swarmEventSchema>;

/** Text as an agent writes it. Not an event: it may be dropped, and is never stored. */
export const agentDeltaSchema = z.object({
  swarmId: z.string(),
  taskId: z.string(),
  agentId: z.string(),
  attempt: z.number().int(),
  text: z.string(),
});
export type AgentDelta = z.infer<typeof agentDeltaSchema>;
