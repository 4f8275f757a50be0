import { TASK_STATUSES } from '@claude-flow/core/domain/states';
import { TASK_TYPES } from '@claude-flow/core/domain/vocabulary';
import { z } from '@hono/zod-openapi';
import { agentIdText, swarmIdText, taskIdText } from '../http/schemas/common.ts';
import { nextCursor } from '../http/schemas/pages.ts';
import { agentType } from './work-schemas.ts';

export const graphAnswer = z
  .object({
    swarmId: swarmIdText,
    nodes: z.array(
      z.object({
        id: taskIdText,
        key: z.string(),
        name: z.string(),
        type: z.enum(TASK_TYPES),
        agentType,
        status: z.enum(TASK_STATUSES),
        priority: z.number().int(),
        level: z
          .number()
          .int()
          .openapi({ description: '0 for tasks that need nothing, else 1 + the highest of those needed' }),
        assignedTo: z.object({ id: agentIdText }).nullable(),
      }),
    ),
    edges: z.array(z.object({ from: taskIdText, to: taskIdText })).openapi({
      description: 'from has to complete before to begins; those that lead to a node of this page',
    }),
    count: z.number().int().openapi({ description: 'Nodes of this page' }),
    nextCursor,
  })
  .openapi('TaskGraph');
