import {
  analysisDocument,
  architectureDocument,
  coordinationDocument,
  researchDocument,
} from '../content/documents.ts';
import type { Kit } from '../content/kit.ts';
import { isProgram, kitFor } from '../content/kits.ts';
import { joined, say } from '../content/language.ts';
import { moduleFor } from '../content/module.ts';
import { noKit } from '../content/shape-text.ts';
import type { Work } from './agent-run.ts';
import { runAgent } from './agent-run.ts';
import { coderWork } from './coder.ts';
import { focusOf, namedDocument, partOf, pathFor } from './task-focus.ts';
import type { Brain, BrainInput } from './types.ts';

const MAX_READS = 3;

const documentsIn = (input: BrainInput): string[] => {
  const own = new Set(
    input.history.filter((call) => call.name === 'write_file').map((call) => call.input['path']),
  );
  return input.files.filter((path) => path.endsWith('.md') && !own.has(path)).slice(0, MAX_READS);
};

const MAX_NAMED = 3;

const basis = (input: BrainInput, lead: string): string => {
  const names = input.dependencies.slice(0, MAX_NAMED).map((dependency) => `“${dependency.name}”`);
  return names.length === 0 ? '' : lead + joined(input.objective, names);
};

type Render = typeof architectureDocument;

/** Questions are asked about something that is there. */
const unlessShape = (input: BrainInput, questions: string[]): string[] =>
  kitFor(input.objective).isShape || input.objective.language === 'es' ? [] : questions;

/** An agent whose work is one Markdown document. */
const writer =
  (
    base: string,
    render: Render,
    decisions: (kit: Kit) => string[],
    question: (input: BrainInput) => string[],
  ): Brain =>
  (input) =>
    runAgent(input, {
      reads: documentsIn,
      work: (): Work => {
        const { objective } = input;
        const kit = kitFor(objective);
        const task = input.task?.name ?? objective.title;
        if (input.ownTask && (kit.isShape !== true || objective.files.length > 0)) return coderWork(input);
        const path = pathFor(input, base);
        const content = render(objective, kit, task, input.dependencies);
        return {
          drafts: [{ path, content }],
          summary:
            (kit.isShape ? `${noKit(objective)} ` : '') +
            say(
              objective,
              `“${task}” is written down in ${path}${basis(input, ', based on ')}.`,
              `„${task}“ steht in ${path}${basis(input, ', gestützt auf ')}.`,
              `«${task}» está en ${path}${basis(input, ', a partir de ')}.`,
            ),
          decisions: decisions(kit),
          output: content,
          openQuestions: unlessShape(input, question(input)),
        };
      },
    });

/** Writes `docs/research.md`. */
export const researcher = writer(
  'research',
  researchDocument,
  () => [],
  ({ objective }) => [
    say(
      objective,
      `Who will use the result of “${objective.title}”?`,
      `Wer wird das Ergebnis von „${objective.title}“ nutzen?`,
    ),
  ],
);

/** Writes `docs/architecture.md`. */
export const architect = writer(
  'architecture',
  architectureDocument,
  (kit) => [...kit.core.decisions, ...kit.surface.decisions, ...kit.contract],
  () => [],
);

/** Writes `docs/analysis.md`. */
export const analyst = writer(
  'analysis',
  analysisDocument,
  (kit) => kit.features.slice(0, 1),
  ({ objective }) => [
    say(objective, 'Which requirement may be dropped first?', 'Welche Anforderung darf zuerst entfallen?'),
  ],
);

/** Writes `docs/coordination.md`. */
export const coordinator = writer(
  'coordination',
  coordinationDocument,
  (kit) => [...kit.contract],
  () => [],
);

/** The document its task names, else its part of a text, else the piece of a program that the kit does not have. */
export const specialist: Brain = (input) => {
  const { objective } = input;
  const kit = kitFor(objective);
  const focus = focusOf(input);
  const named = namedDocument(input);
  const ours = [...kit.core.files, ...kit.surface.files].some((draft) => draft.path === named);
  if (named !== undefined && !ours && !input.ownTask) return analyst(input);
  if (input.ownTask || !isProgram(kit) || partOf(input, kit) !== 'other') {
    return runAgent(input, { reads: documentsIn, work: coderWork });
  }
  return runAgent(input, {
    reads: documentsIn,
    work: () => {
      const drafts = moduleFor(objective, focus);
      const paths = drafts.map((draft) => draft.path).join(', ');
      return {
        drafts,
        summary: say(
          objective,
          `Added ${paths} for “${objective.title}”.`,
          `${paths} für „${objective.title}“ ergänzt.`,
        ),
        decisions: [
          say(
            objective,
            'The piece stands alone and can be left out.',
            'Das Stück steht für sich und kann entfallen.',
          ),
        ],
        output: drafts.map((draft) => `### ${draft.path}\n\n${draft.content}`).join('\n'),
        openQuestions: [],
      };
    },
  });
};
