import { z } from 'zod';

/** W3C trace context, so that a trace crosses processes. */
const traceCarrier = z.object({ traceparent: z.string().optional() }).optional();

/** Jobs carry ids, never payloads: the ledger is where the truth is read. */
export const taskJobSchema = z.object({
  swarmId: z.string(),
  taskId: z.string(),
  attempt: z.number().int().positive(),
  trace: traceCarrier,
});
export type TaskJob = z.infer<typeof taskJobSchema>;

export const planJobSchema = z.object({ swarmId: z.string(), trace: traceCarrier });
export type PlanJob = z.infer<typeof planJobSchema>;

/** Asks a scheduler to dispatch a swarm: sent with a delay when a task's back-off ends. */
export const wakeJobSchema = z.object({
  swarmId: z.string(),
  /** Somebody saw something stale: look at the whole swarm, as the sweep does. */
  repair: z.boolean().optional(),
  trace: traceCarrier,
});
export type WakeJob = z.infer<typeof wakeJobSchema>;

/** Has a scheduler send a swarm's events on to its webhook. */
export const webhookJobSchema = z.object({ swarmId: z.string() });
export type WebhookJob = z.infer<typeof webhookJobSchema>;
