import { isProgram, kitFor } from '../content/kits.ts';
import { bullets, documentOf, say } from '../content/language.ts';
import { noKit } from '../content/shape-text.ts';
import { contentRead, runAgent } from './agent-run.ts';
import { namedDocument } from './task-focus.ts';
import type { Brain, BrainInput } from './types.ts';
import { SIMULATED } from './types.ts';

const MAX_READS = 5;
const MAX_LISTED = 40;

const foreign = (input: BrainInput): string[] => {
  const own = new Set(
    input.history.filter((call) => call.name === 'write_file').map((call) => call.input['path']),
  );
  return input.files.filter((path) => !own.has(path));
};

const reads = (input: BrainInput): string[] => {
  const rank = (path: string): number => (path.endsWith('.md') ? 0 : path === 'package.json' ? 1 : 2);
  return foreign(input)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, MAX_READS);
};

const firstHeading = (text: string | undefined): string =>
  /^[\s\d:|\t→]*#\s+(.+)$/m.exec(text ?? '')?.[1]?.trim() ?? '';

/** The marks of the earlier agents are left out: the report carries one of its own. */
const plain = (summary: string): string => summary.replaceAll(SIMULATED, '').trim();

/** Summaries are shown as plain text. */
const plainText = (text: string): string => text.replace(/[`*]/g, '');

/** Reads what there is and writes the README of a program, or the final report of anything else. */
export const synthesizer: Brain = (input) =>
  runAgent(input, {
    reads,
    work: () => {
      const { objective, dependencies } = input;
      const kit = kitFor(objective);
      const files = foreign(input);
      const program = isProgram(kit) && (files.length === 0 || files.some((path) => path.startsWith('src/')));
      const path = namedDocument(input) ?? (program ? 'README.md' : 'REPORT.md');
      const listed = files.slice(0, MAX_LISTED).map((file) => {
        const heading = firstHeading(contentRead(input, file));
        return `\`${file}\`${heading === '' ? '' : ` — ${heading}`}`;
      });
      const content = documentOf(objective, objective.title, [
        [say(objective, 'What this is', 'Worum es geht', 'Qué es esto'), bullets(kit.features)],
        [
          say(objective, 'Run it', 'Ausführen', 'Cómo usarlo'),
          kit.commands.length > 0 && (program || !isProgram(kit))
            ? `\`\`\`sh\n${kit.commands.join('\n')}\n\`\`\``
            : '',
        ],
        [say(objective, 'Files', 'Dateien', 'Archivos'), bullets(listed)],
        [
          say(objective, 'How it came about', 'Wie es entstand', 'Cómo se hizo'),
          bullets(
            dependencies.map(
              (result) =>
                `**${result.name}** (${result.agent}): ${plain(result.summary.split('\n')[0] ?? '')}`,
            ),
          ),
        ],
        [
          say(objective, 'Decisions', 'Entscheidungen', 'Decisiones'),
          bullets(kit.isShape ? [] : [...kit.core.decisions, ...kit.surface.decisions]),
        ],
      ]);
      return {
        drafts: [{ path, content }],
        summary:
          (kit.isShape
            ? `${noKit(objective)} `
            : kit.features.length > 0 && kit.plan
              ? `${plainText(kit.features.join(' '))} `
              : '') +
          say(
            objective,
            `“${objective.title}” is finished: ${dependencies.length} result(s) and ${files.length} file(s) are brought together in ${path}.`,
            `„${objective.title}“ ist fertig: ${dependencies.length} Ergebnisse und ${files.length} Dateien sind in ${path} zusammengeführt.`,
            `«${objective.title}» está terminado: ${dependencies.length} resultados y ${files.length} archivos, reunidos en ${path}.`,
          ),
        decisions: [],
        output: content,
        openQuestions: [],
      };
    },
  });
