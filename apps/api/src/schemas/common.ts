import { z } from '@hono/zod-openapi';

export const timestamp = z.string().openapi({ format: 'date-time', example: '2026-01-28T10:30:00.000Z' });
export const nullableTimestamp = timestamp.nullable();

export const EXAMPLE_SWARM_ID = 'swarm_mdnsk2o1_4ixwmn7rj';
export const swarmIdText = z.string().openapi({ example: EXAMPLE_SWARM_ID });
export const taskIdText = z.string().openapi({ example: 'task_001' });
export const agentIdText = z.string().openapi({ example: 'agent_001' });

/** An id of the wrong form is an id that does not exist: 404, not 400. */
export const swarmParams = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: EXAMPLE_SWARM_ID }),
});
export const taskParams = swarmParams.extend({
  taskId: z.string().openapi({ param: { name: 'taskId', in: 'path' }, example: 'task_001' }),
});

/** A whole number in a query. */
export function optionalQueryInteger(name: string, { min, max }: { min: number; max: number }) {
  const sentence = `${name} must be a whole number from ${min} to ${max}.`;
  return z
    .string()
    .regex(/^[0-9]{1,15}$/, sentence)
    .transform(Number)
    .pipe(z.number().min(min, sentence).max(max, sentence))
    .optional()
    .openapi({ type: 'integer', minimum: min, maximum: max });
}

export function queryInteger(name: string, range: { min: number; max: number; fallback: number }) {
  const { min, max, fallback } = range;
  return optionalQueryInteger(name, range)
    .default(fallback)
    .openapi({ type: 'integer', minimum: min, maximum: max, default: fallback });
}

export const usage = z
  .object({
    inputTokens: z.number().int(),
    outputTokens: z.number().int(),
    cacheReadTokens: z.number().int(),
    cacheWriteTokens: z.number().int(),
    costUsd: z.number().openapi({ description: 'US dollars' }),
  })
  .openapi('Usage');

export const jsonContent = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
