import { filesAsked } from '../content/asked.ts';
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

/** A path that could lead out of the workspace is none. */
const safe = (path: string | undefined): string | undefined =>
  path === undefined || path.startsWith('.') || path.includes('..') ? undefined : path;

/** The document that the task itself asks for by name; what the objective it quotes asks for is another's. */
export const namedDocument = (input: BrainInput): string | undefined => {
  const { description = '', expectedOutput = '' } = input.task ?? {};
  const own = description.replaceAll(input.objective.text, '');
  const asked = filesAsked(own).find((path) => path.endsWith('.md'));
  return safe(TO_WRITE.exec(own)?.[1]) ?? asked ?? safe(EXPECTED.exec(expectedOutput)?.[1]);
};

/** Where a document of this task belongs. */
export const pathFor = (input: BrainInput, base: string): string =>
  namedDocument(input) ?? documentPath(input.objective, nameOf(input), base);

/** Which half of the kit a task means; `other` is a piece the kit does not have. */
export const partOf = (input: BrainInput, kit: Kit): 'core' | 'surface' | 'whole' | 'other' => {
  const expected = input.task?.expectedOutput;
  const pathsOf = (part: Kit['core']) => part.files.map((file) => file.path).join(', ');
  if (expected === pathsOf(kit.core)) return 'core';
  if (expected === pathsOf(kit.surface)) return 'surface';
  const words = taskWords(input.objective, nameOf(input)).join(' ');
  const core = kit.core.words.test(words);
  const surface = kit.surface.words.test(words);
  if (core !== surface) return core ? 'core' : 'surface';
  if (core) return 'whole';
  return focusOf(input).length === 0 ? 'whole' : 'other';
};
