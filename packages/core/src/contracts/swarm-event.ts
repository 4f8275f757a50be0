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
  'task.retried',
  'agent.spawned',
  'agent.terminated',
  'artifact.stored',
  'approval.requested',
  'approval.decided',
  'budget.warning',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** After one of these a swarm has no more events. */
export const LAST_EVENTS = [
  'swarm.completed',
  'swarm.failed',
  'swarm.stopped',
] as const satisfies EventType[];

/** One change of a swarm, written in the same atomic step as the change itself. */
export const swarmEventSchema = z.object({
  v: z.literal(1),
  /** Another one after each start of the Redis process: with it, `seq` names this event and no other (ADR 9). */
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

/**
 * Told to a reader whose place in a swarm's events is no longer there: trimmed away, or of a history that was lost when
 * the server's data went back in time. It reads the swarm's state anew; the events from `firstSeq` on follow.
 */
export const resyncSchema = z.object({
  swarmId: z.string(),
  /** Of the newest event. */
  epoch: z.number().int(),
  /** The first event that is kept. */
  firstSeq: z.number().int().positive(),
  /** The newest one. */
  seq: z.number().int().positive(),
});
export type Resync = z.infer<typeof resyncSchema>;
