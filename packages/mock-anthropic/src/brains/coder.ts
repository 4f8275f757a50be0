import type { Draft, Kit } from '../content/kit.ts';
import { isProgram, kitFor } from '../content/kits.ts';
import { joined, say } from '../content/language.ts';
import { moduleFor } from '../content/module.ts';
import { noKit } from '../content/shape-text.ts';
import type { Work } from './agent-run.ts';
import { runAgent } from './agent-run.ts';
import { focusOf, partOf } from './task-focus.ts';
import type { Brain, BrainInput } from './types.ts';

const MAX_READS = 4;

/** Files another agent made; what this run wrote itself counts as missing until the run ends. */
const foreign = (input: BrainInput): Set<string> => {
  const own = new Set(
    input.history.filter((call) => call.name === 'write_file').map((call) => call.input['path']),
  );
  return new Set(input.files.filter((path) => !own.has(path)));
};

const draftsFor = (input: BrainInput, kit: Kit): Draft[] => {
  if (input.ownTask) return kit.core.files;
  const part = partOf(input, kit);
  if (part === 'core' || part === 'surface') return kit[part].files;
  const there = foreign(input);
  const missing = [...kit.core.files, ...kit.surface.files].filter((draft) => !there.has(draft.path));
  if (part === 'whole' || !isProgram(kit)) return missing;
  return [...missing, ...moduleFor(input.objective, focusOf(input))];
};

/** The code, or for objectives without code the text, of the task's part. */
export const coderWork = (input: BrainInput): Work => {
  const { objective } = input;
  const kit = kitFor(objective);
  const part = partOf(input, kit);
  const drafts = draftsFor(input, kit);
  const paths = drafts.map((draft) => draft.path);
  const decisions =
    part === 'core' || part === 'surface'
      ? kit[part].decisions
      : [...kit.core.decisions, ...kit.surface.decisions];
  const nothing = say(
    objective,
    `Everything that “${input.task?.name ?? objective.title}” asks for is in the workspace already; nothing was changed.`,
    `Alles, was „${input.task?.name ?? objective.title}“ verlangt, ist schon im Arbeitsbereich; nichts wurde geändert.`,
    `Todo lo que pide «${input.task?.name ?? objective.title}» ya está en el área de trabajo; no se cambió nada.`,
  );
  return {
    drafts,
    summary:
      paths.length === 0
        ? nothing
        : (kit.isShape ? `${noKit(objective)} ` : '') +
          say(
            objective,
            `Wrote ${joined(objective, paths)} for “${objective.title}”.`,
            `${joined(objective, paths)} für „${objective.title}“ geschrieben.`,
            `Se escribió ${joined(objective, paths)} para «${objective.title}».`,
          ),
    decisions,
    output: kit.isShape
      ? noKit(objective)
      : [...kit.contract, ...kit.features].map((line) => `- ${line}`).join('\n'),
    openQuestions: [],
  };
};

const reads = (input: BrainInput): string[] => {
  const docs = input.files.filter((path) => path.startsWith('docs/') && path.endsWith('.md'));
  const code = [...foreign(input)].filter((path) => path.startsWith('src/'));
  return [...docs, ...code].slice(0, MAX_READS);
};

/** Writes working files for its part of the objective. */
export const coder: Brain = (input) => runAgent(input, { reads, work: coderWork });
