import { z } from '@hono/zod-openapi';
import { swarmIdText, timestamp } from '../http/schemas/common.ts';

const limitText = 'null: no limit';

export const usageAnswer = z
  .object({
    owner: z.string().openapi({ description: 'Whose numbers these are: the owner of your key or token' }),
    storage: z.object({
      bytes: z.number().int().openapi({
        description:
          'What your swarms store together: tasks, journals, results, files; as last counted, some seconds ago where swarms are at work',
      }),
      limit: z
        .number()
        .int()
        .nullable()
        .openapi({ description: `STORAGE_PER_OWNER; ${limitText}` }),
      limitPerSwarm: z
        .number()
        .int()
        .nullable()
        .openapi({ description: `STORAGE_PER_SWARM; ${limitText}` }),
      largest: z
        .array(z.object({ swarmId: swarmIdText, bytes: z.number().int() }))
        .openapi({ description: 'The ten largest of your 1,000 newest swarms, the largest first' }),
    }),
    swarms: z.object({
      stored: z.number().int(),
      unfinished: z.number().int(),
      startLimit: z
        .number()
        .int()
        .nullable()
        .openapi({
          description: `How many of yours may be started and not yet done (MAX_SWARMS_PER_OWNER); ${limitText}`,
        }),
    }),
    timestamp,
  })
  .openapi('CallerUsage');
