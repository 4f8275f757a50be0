import { z } from 'zod';
import { OUTPUT_CHARS, SUMMARY_CHARS } from '../tunables.ts';
import { hasWords } from './has-words.ts';
import { defineTool } from './tool.ts';

const sentence = z.string().max(2_000);

export const submissionSchema = z.strictObject({
  summary: z
    .string()
    .trim()
    .min(1)
    .max(SUMMARY_CHARS)
    .refine(hasWords, 'it has no words. Say what was done and found.')
    .describe('What was done and found, for agents that build on it: two to six sentences'),
  decisions: z.array(sentence).max(50).default([]).describe('Decisions that others must know, one a line'),
  output: z
    .string()
    .max(OUTPUT_CHARS)
    .default('')
    .describe('The result itself as text, if it is not in files; else which files hold it'),
  open_questions: z.array(sentence).max(50).default([]).describe('What is still open'),
});
export type Submission = z.infer<typeof submissionSchema>;

export const SUBMIT_RESULT = 'submit_result';

export const submitResult = defineTool({
  name: SUBMIT_RESULT,
  description: 'Hands in the result and ends the task. Call it once, last, when everything is done.',
  class: 'control',
  repeatable: true,
  schema: submissionSchema,
  run: async () => 'The result is handed in.',
});
