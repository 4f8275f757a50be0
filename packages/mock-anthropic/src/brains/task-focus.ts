import type { Kit } from '../content/kit.ts';
import { documentPath, focusWords, taskWords } from '../content/task-paths.ts';
import type { BrainInput } from './types.ts';

const nameOf = (input: BrainInput): string => input.task?.name ?? '';

/** The words that tell this task from its siblings; empty for a task about the whole objective. */
export const focusOf = (input: BrainInput): string[] => focusWords(input.objective, nameOf(input));

const MARKDOWN = String.raw`((?:[\w.-]+\/)*[\w.-]+\.md)\b`;
const TO_WRITE = new RegExp(
  String.raw`\b(?:write|writes|schreibe|verfasse)\s+(?:it\s+(?:in)?to\s+)?\`?${MARKDOWN}`,
  'i',
);
const EXPECTED = new RegExp(MARKDOWN, 'i');

/** The document that the task itself asks for by name. */
export const namedDocument = (input: BrainInput): string | undefined =>
  TO_WRITE.exec(input.task?.description ?? '')?.[1] ?? EXPECTED.exec(input.task?.expectedOutput ?? '')?.[1];

/** Where a document of this task belongs. */
export const pathFor = (input: BrainInput, base: string): string =>
  namedDocument(input) ?? documentPath(input.objective, nameOf(input), base);

/** Which half of the kit a task means; `other` is a piece the kit does not have. */
export const partOf = (input: BrainInput, kit: Kit): 'core' | 'surface' | 'whole' | 'other' => {
  const words = taskWords(input.objective, nameOf(input)).join(' ');
  const core = kit.core.words.test(words);
  const surface = kit.surface.words.test(words);
  if (core !== surface) return core ? 'core' : 'surface';
  if (core) return 'whole';
  return focusOf(input).length === 0 ? 'whole' : 'other';
};
