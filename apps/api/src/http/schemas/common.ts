import { MAX_ID_LENGTHS } from '@claude-flow/core/domain/ids';
import { z } from '@hono/zod-openapi';

export const timestamp = z.string().openapi({ format: 'date-time', example: '2026-01-28T10:30:00.000Z' });
export const nullableTimestamp = timestamp.nullable();

export const EXAMPLE_SWARM_ID = 'swarm_mdnsk2o1_4ixwmn7rj';
export const swarmIdText = z.string().openapi({ example: EXAMPLE_SWARM_ID });
export const taskIdText = z.string().openapi({ example: 'task_001' });
export const agentIdText = z.string().openapi({ example: 'agent_001' });

/** An id of the wrong form is an id that does not exist: 404, not 400. */
export const swarmParams = z.object({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    maxLength: MAX_ID_LENGTHS.swarm,
    example: EXAMPLE_SWARM_ID,
  }),
});
export const taskParams = swarmParams.extend({
  taskId: z
    .string()
    .openapi({ param: { name: 'taskId', in: 'path' }, maxLength: MAX_ID_LENGTHS.task, example: 'task_001' }),
});

export const agentParams = swarmParams.extend({
  agentId: z.string().openapi({
    param: { name: 'agentId', in: 'path' },
    maxLength: MAX_ID_LENGTHS.agent,
    example: 'agent_001',
  }),
});

export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255, 'Idempotency-Key must have at most 255 characters.')
    .optional()
    .openapi({ description: 'The same key and body within 24 hours: the same answer, not a second one' }),
});

/** The answer to every command. `status` is that of what the command was for. */
export const command = <Status extends z.ZodType, Data extends z.ZodType>(status: Status, data: Data) =>
  z.object({
    swarmId: swarmIdText,
    status,
    message: z.string().openapi({ description: 'What was done, in a sentence' }),
    data,
    timestamp,
  });

/** One of several words, or some with commas between them. */
export function queryWords<const Word extends string>(name: string, words: readonly Word[]) {
  const sentence = `${name} must be one of ${words.join(', ')}, or several of them with commas between.`;
  const isWord = (text: string): text is Word => (words as readonly string[]).includes(text);
  return z
    .union([z.string(), z.array(z.string())], sentence)
    .transform((given, context) => {
      const asked = [given].flat().flatMap((text) => text.split(','));
      const known = asked.filter(isWord);
      if (known.length !== asked.length || asked.length > words.length)
        context.addIssue({ code: 'custom', message: sentence });
      return known;
    })
    .optional()
    .openapi({
      param: { name, in: 'query', style: 'form', explode: false },
      type: 'array',
      items: { type: 'string', enum: [...words] },
      maxItems: words.length,
      description: 'Only these; several with commas between',
    });
}

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

/** Yes or no in a query. */
export function queryFlag(name: string, fallback: boolean) {
  return z
    .enum(['true', 'false'], `${name} must be true or false.`)
    .default(fallback ? 'true' : 'false')
    .transform((text) => text === 'true')
    .openapi({ type: 'boolean', default: fallback });
}

export const usage = z
  .object({
    inputTokens: z.number().int(),
    outputTokens: z.number().int(),
    cacheReadTokens: z.number().int(),
    cacheWriteTokens: z.number().int(),
    costUsd: z.number().openapi({ description: 'US dollars' }),
    estimated: z.boolean().openapi({
      description:
        'true: the model server reported no usage for some calls, and what they add here is an estimate from the length of what was sent and answered',
    }),
  })
  .openapi('Usage');

/** A named schema or null. `.nullable()` would make null of the name wherever it stands, or allow none at all. */
export const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()]);

export const jsonContent = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** The answer to a creation, which says where the new thing is. */
export const createdContent = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  ...jsonContent(schema, description),
  headers: z.object({
    Location: z.string().openapi({ description: 'Its address, from the root of this server' }),
  }),
});
