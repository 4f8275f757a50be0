import { z } from '@hono/zod-openapi';
import {
  agentIdText,
  nullableTimestamp,
  swarmIdText,
  taskIdText,
  timestamp,
} from '../http/schemas/common.ts';

export const ATTEMPT_OUTCOMES = [
  'queued',
  'running',
  'completed',
  'failed',
  'cancelled',
  'worker-lost',
  'handed-back',
  'suspended',
] as const;

export const attemptList = z
  .object({
    swarmId: swarmIdText,
    taskId: taskIdText,
    attempts: z.array(
      z.object({
        attempt: z.number().int(),
        agentId: agentIdText.nullable(),
        workerId: z.string().nullable(),
        assignedAt: timestamp,
        startedAt: nullableTimestamp,
        endedAt: nullableTimestamp,
        turns: z.number().int().openapi({ description: 'Answers of the model in this attempt' }),
        refusedCalls: z
          .number()
          .int()
          .openapi({ description: 'Calls of tools in this attempt that were refused or failed' }),
        lastRefusal: z
          .string()
          .nullable()
          .openapi({ description: 'The last of them, and what the model was told' }),
        outcome: z.enum(ATTEMPT_OUTCOMES),
        code: z.string().nullable().openapi({ description: 'Of the error, when there was one' }),
        message: z.string().nullable().openapi({ description: 'What happened, in a sentence' }),
      }),
    ),
    count: z.number().int(),
    complete: z.boolean().openapi({
      description: 'false: the oldest events of the swarm are no longer kept, and attempts may be missing',
    }),
  })
  .openapi('AttemptList');
