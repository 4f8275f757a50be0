import { z } from 'zod';
import { QUESTION_CHARS } from '../tunables.ts';
import { ToolFailure } from '../workspace/paths.ts';
import { defineTool } from './tool.ts';

export const ASK_HUMAN = 'ask_human';

export const askHumanSchema = z.strictObject({
  question: z
    .string()
    .trim()
    .min(1)
    .max(QUESTION_CHARS)
    .describe('The question, complete in itself, with the choices as you see them'),
});

/** Its calls are always put before people; what they answer is the decision's note. */
export const askHuman = defineTool({
  name: ASK_HUMAN,
  description:
    'Asks the person behind this swarm a question; in this task somebody answers. It may take hours, so ask only what you cannot find out yourself and what would change the work, and ask everything at once.',
  class: 'ask',
  repeatable: true,
  schema: askHumanSchema,
  run: async (_input, { decision }) => {
    if (decision === undefined) throw new ToolFailure('Nobody was asked.');
    return decision.note ?? 'The person agreed, without further words.';
  },
});
