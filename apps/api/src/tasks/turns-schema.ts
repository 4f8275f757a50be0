import { z } from '@hono/zod-openapi';
import { orNull, queryInteger, swarmIdText, taskIdText, usage } from '../http/schemas/common.ts';

/** Turns of one page: with everything cut as it is, about a megabyte at most. */
export const MAX_TURNS_PER_PAGE = 50;
const MAX_CURSOR = 1_000_000;

const TURN_STATUSES = ['running', 'completed', 'failed'] as const;
export type TurnStatus = (typeof TURN_STATUSES)[number];

const call = z
  .object({
    id: z.string(),
    tool: z.string().openapi({ example: 'write_file' }),
    input: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'Null when it is no object, or too long: then inputText is its beginning' }),
    inputText: z.string().nullable().openapi({ description: 'JSON text, cut' }),
    answer: z
      .object({
        content: z.string(),
        isError: z.boolean(),
        cut: z.boolean().openapi({ description: 'content is only the beginning' }),
      })
      .nullable()
      .openapi({ description: 'Null until the tool has answered' }),
  })
  .openapi('ToolCall');

const turn = z
  .object({
    turn: z.number().int().openapi({ description: '1, 2, 3 ...; attempts go on counting' }),
    attempt: z.number().int().nullable().openapi({ description: 'That asked for it last' }),
    status: z.enum(TURN_STATUSES).openapi({
      description: 'running: the model was asked and has not answered; failed: the call of the model failed',
    }),
    text: z.string().openapi({ description: 'What the model said' }),
    textCut: z.boolean(),
    thinking: z.string().openapi({ description: 'Summaries of what it thought, where the model gives them' }),
    calls: z.array(call),
    notice: z.string().nullable().openapi({ description: 'What the model was told because of this turn' }),
    failures: z
      .array(z.string())
      .openapi({ description: 'Calls of the model that failed, in a sentence each' }),
    stopReason: z.string().nullable(),
    usage: orNull(usage),
  })
  .openapi('Turn');

export const turnList = z
  .object({
    swarmId: swarmIdText,
    taskId: taskIdText,
    model: z.string().nullable().openapi({ description: 'Null before the first turn' }),
    turns: z.array(turn),
    count: z.number().int(),
    nextCursor: z.string().nullable().openapi({
      description: 'Give it as cursor for the next page; null: there are no further turns for now',
    }),
  })
  .openapi('TurnList');

const CURSOR_SENTENCE = 'cursor must be the nextCursor of an earlier page.';

export const turnQuery = z.object({
  limit: queryInteger('limit', { min: 1, max: MAX_TURNS_PER_PAGE, fallback: 20 }),
  cursor: z
    .string()
    .regex(/^[0-9]{1,7}$/, CURSOR_SENTENCE)
    .transform(Number)
    .pipe(z.number().max(MAX_CURSOR, CURSOR_SENTENCE))
    .optional()
    .openapi({ type: 'string', maxLength: 7, description: 'nextCursor of the page before' }),
});
