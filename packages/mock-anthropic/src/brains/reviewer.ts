import type { Finding } from '../content/findings.ts';
import { findingsIn } from '../content/findings.ts';
import { kitFor } from '../content/kits.ts';
import { bullets, documentOf, say } from '../content/language.ts';
import { contentRead, runAgent } from './agent-run.ts';
import { focusOf, pathFor } from './task-focus.ts';
import type { Brain, BrainInput } from './types.ts';

const MAX_READS = 8;

/** Code before tests before documents; never what this run wrote itself. */
const reads = (input: BrainInput): string[] => {
  const own = new Set(
    input.history.filter((call) => call.name === 'write_file').map((call) => call.input['path']),
  );
  const rank = (path: string): number => {
    if (path.startsWith('src/')) return 0;
    if (path.startsWith('test/')) return 1;
    return path.endsWith('.md') ? 2 : 3;
  };
  return input.files
    .filter((path) => !own.has(path))
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, MAX_READS);
};

const findingLine = (finding: Finding): string =>
  `**${finding.severity}** \`${finding.path}:${finding.line}\` — ${finding.remark}: \`${finding.quote.replaceAll('`', "'")}\``;

const lookingFor = (input: BrainInput): string => {
  const focus = focusOf(input);
  return focus.length === 0
    ? say(input.objective, 'the whole result', 'das ganze Ergebnis', 'todo el resultado')
    : focus.join(' ');
};

const review = (input: BrainInput) => {
  const { objective } = input;
  const seen = reads(input).flatMap((path) => {
    const content = contentRead(input, path);
    return content === undefined ? [] : [{ path, content }];
  });
  const code = seen.filter(({ path }) => !path.endsWith('.md'));
  const judged = code.length > 0 ? code : seen;
  const findings = judged.flatMap(({ path, content }) => findingsIn(path, content, objective.language));
  const medium = findings.filter((finding) => finding.severity === 'medium').length;
  const verdict =
    seen.length === 0
      ? say(
          objective,
          'There was nothing to read; the agreement was checked instead.',
          'Es gab nichts zu lesen; geprüft wurde die Abmachung.',
          'No había nada que leer; se comprobó lo acordado.',
        )
      : findings.length === 0
        ? say(
            objective,
            `Files read: ${seen.length}; nothing to remark.`,
            `Gelesene Dateien: ${seen.length}; nichts anzumerken.`,
            `Archivos leídos: ${seen.length}; nada que observar.`,
          )
        : say(
            objective,
            `Files read: ${seen.length}; remarks: ${findings.length}, of which ${medium} should be dealt with before use.`,
            `Gelesene Dateien: ${seen.length}; Anmerkungen: ${findings.length}, davon vor der Nutzung zu klären: ${medium}.`,
            `Archivos leídos: ${seen.length}; observaciones: ${findings.length}, de ellas por resolver antes de usar: ${medium}.`,
          );
  return { seen, findings, verdict };
};

/** Reads the files of the workspace and writes remarks on real lines into `docs/review.md`. */
export const reviewer: Brain = (input) =>
  runAgent(input, {
    reads,
    work: () => {
      const { objective } = input;
      const { seen, findings, verdict } = review(input);
      const path = pathFor(input, 'review');
      const content = documentOf(
        objective,
        `${say(objective, 'Review', 'Prüfung', 'Revisión')}: ${objective.title}`,
        [
          [say(objective, 'Verdict', 'Urteil', 'Veredicto'), verdict],
          [say(objective, 'Looked for', 'Blickpunkt', 'Qué se miró'), lookingFor(input)],
          [say(objective, 'Remarks', 'Anmerkungen', 'Observaciones'), bullets(findings.map(findingLine))],
          [
            say(objective, 'Read', 'Gelesen', 'Leído'),
            bullets(
              seen.map(
                (file) =>
                  `\`${file.path}\` (${file.content.split('\n').length} ${say(objective, 'lines', 'Zeilen', 'líneas')})`,
              ),
            ),
          ],
          [
            say(objective, 'To be checked by hand', 'Von Hand zu prüfen', 'Por comprobar a mano'),
            bullets(kitFor(objective).contract),
          ],
        ],
      );
      return {
        drafts: [{ path, content }],
        summary: verdict,
        decisions: findings.filter((finding) => finding.severity === 'medium').map(findingLine),
        output: content,
        openQuestions:
          seen.length === 0
            ? [
                say(
                  objective,
                  'Which files should be reviewed?',
                  'Welche Dateien sollen geprüft werden?',
                  '¿Qué archivos hay que revisar?',
                ),
              ]
            : [],
      };
    },
  });
