import { expect, test } from 'vitest';
import { z } from 'zod';
import { issueSentence } from './issue-sentence.ts';

const sentences = (schema: z.ZodType, value: unknown) =>
  (schema.safeParse(value).error?.issues ?? []).map((issue) => issueSentence(issue, issue.path.join('.')));

test.each<[z.ZodType, unknown, string]>([
  [z.object({ a: z.string() }), {}, 'a is required.'],
  [z.object({ a: z.string() }), { a: 1 }, 'a must be a text.'],
  [z.object({ a: z.number() }), { a: 'x' }, 'a must be a number.'],
  [z.object({ a: z.int() }), { a: 1.5 }, 'a must be a whole number.'],
  [z.object({ a: z.boolean() }), { a: 'yes' }, 'a must be true or false.'],
  [z.object({ a: z.array(z.string()) }), { a: {} }, 'a must be a list.'],
  [z.object({ a: z.looseObject({}) }), { a: [] }, 'a must be an object.'],
  [z.object({ a: z.enum(['x', 'y', 'z']) }), { a: 'w' }, 'a must be x, y or z.'],
  [z.object({ a: z.literal('x') }), { a: 'w' }, 'a must be x.'],
  [z.object({ a: z.string().min(3) }), { a: '' }, 'a must have at least 3 characters.'],
  [z.object({ a: z.string().max(3) }), { a: 'long' }, 'a must have at most 3 characters.'],
  [z.object({ a: z.array(z.string()).min(1) }), { a: [] }, 'a must have at least 1 entries.'],
  [z.object({ a: z.number().positive() }), { a: 0 }, 'a must be more than 0.'],
  [z.object({ a: z.int().max(5) }), { a: 9 }, 'a must be at most 5.'],
  [z.object({ a: z.string().regex(/x/) }), { a: 'y' }, 'a is not valid.'],
  [z.object({ a: z.union([z.string(), z.number()]) }), { a: true }, 'a is not valid.'],
  [z.object({ a: z.string().refine(() => false) }), { a: '' }, 'a is not valid.'],
  [
    z.strictObject({ a: z.string() }),
    { a: '', b: 1, c: 2 },
    'The body has fields that are not known here: b, c.',
  ],
  [z.object({}), [], 'The body must be an object.'],
  [z.object({ a: z.string().min(3, 'Our own sentence.') }), { a: '' }, 'Our own sentence.'],
])('%#: a sentence of ours, never the words of the library', (schema, value, sentence) => {
  expect(sentences(schema, value)).toEqual([sentence]);
});
