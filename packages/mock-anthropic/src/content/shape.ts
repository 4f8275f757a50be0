import type { Draft, Kit, KitMaker } from './kit.ts';
import { bullets, documentOf, say } from './language.ts';
import type { Objective } from './objective.ts';
import { noKit } from './shape-text.ts';

const MAX_PLACES = 10;

const quoted = (text: string): string => `> ${text.trim().replace(/\n/g, '\n> ')}`;

/** Numbered places: as many as were asked for. */
const places = (objective: Objective): string =>
  Array.from({ length: Math.min(objective.count ?? 1, MAX_PLACES) }, (_, index) =>
    say(
      objective,
      `${index + 1}. (a real model's text stands here)`,
      `${index + 1}. (hier steht der Text eines echten Modells)`,
      `${index + 1}. (aquí va el texto de un modelo real)`,
    ),
  ).join('\n');

const requestOf = (objective: Objective): string[] => [
  ...(objective.count === null
    ? []
    : [
        say(
          objective,
          `How many: ${objective.count}`,
          `Anzahl: ${objective.count}`,
          `Cantidad: ${objective.count}`,
        ),
      ]),
  ...objective.files.map((file) =>
    say(objective, `File: \`${file}\``, `Datei: \`${file}\``, `Archivo: \`${file}\``),
  ),
];

/** Comments that do no harm in a file of this kind; null where it takes plain text. */
const COMMENT: ReadonlyArray<[RegExp, (lines: readonly string[]) => string]> = [
  [/\.(py|sh|rb|ya?ml|toml)$/i, (lines) => lines.map((line) => `# ${line}`).join('\n')],
  [/\.(m?js|ts|go|rs|java)$/i, (lines) => lines.map((line) => `// ${line}`).join('\n')],
  [/\.css$/i, (lines) => `/*\n${lines.join('\n').replaceAll('*/', '* /')}\n*/`],
  [/\.sql$/i, (lines) => lines.map((line) => `-- ${line}`).join('\n')],
  [/\.json$/i, (lines) => JSON.stringify({ note: lines }, null, 2)],
  [/\.(html?|xml)$/i, (lines) => `<!--\n${lines.join('\n').replaceAll('--', '- -')}\n-->`],
];

/** A file that was asked for by name, in a form that its kind allows. */
const fileOf = (objective: Objective, path: string): Draft => {
  const lines = [noKit(objective), ...objective.text.trim().split('\n')];
  const comment = COMMENT.find(([pattern]) => pattern.test(path))?.[1];
  if (comment !== undefined) return { path, content: `${comment(lines)}\n` };
  return path.endsWith('.md')
    ? { path, content: shapeDocument(objective, objective.title) }
    : { path, content: `${noKit(objective)}\n\n${objective.text.trim()}\n\n${places(objective)}\n` };
};

/** What was asked, and where the answer would stand. */
export const shapeDocument = (objective: Objective, title: string, asked = objective.text): string =>
  documentOf(objective, title, [
    [say(objective, 'Please note', 'Hinweis', 'Aviso'), noKit(objective)],
    [
      say(objective, 'What was asked', 'Was verlangt war', 'Lo que se pidió'),
      [quoted(asked), bullets(requestOf(objective))].filter((part) => part !== '').join('\n\n'),
    ],
    [say(objective, 'The answer', 'Die Antwort', 'La respuesta'), places(objective)],
  ]);

const checks = (objective: Objective): string =>
  documentOf(
    objective,
    say(
      objective,
      'How to check the answer',
      'Woran die Antwort zu prüfen ist',
      'Cómo comprobar la respuesta',
    ),
    [
      [say(objective, 'Please note', 'Hinweis', 'Aviso'), noKit(objective)],
      [
        say(objective, 'Checks', 'Prüfungen', 'Comprobaciones'),
        bullets([
          say(
            objective,
            'It answers the request as it was written, and nothing else.',
            'Sie beantwortet den Auftrag, wie er geschrieben steht, und nichts anderes.',
            'Responde a lo que se pidió, y a nada más.',
          ),
          ...(objective.count === null
            ? []
            : [
                say(
                  objective,
                  `There are ${objective.count} of what was asked for.`,
                  `Es sind ${objective.count} von dem, was verlangt war.`,
                  `Hay ${objective.count} de lo que se pidió.`,
                ),
              ]),
          ...objective.files.map((file) =>
            say(objective, `It is in \`${file}\`.`, `Sie steht in \`${file}\`.`, `Está en \`${file}\`.`),
          ),
        ]),
      ],
    ],
  );

/** For every request without a kit of its own: the files that were asked for, and a plain word that they are empty shapes. */
export const shapeKit: KitMaker = (objective): Kit => {
  const paths = objective.files.length > 0 ? objective.files : [`content/${objective.slug}.md`];
  return {
    plan: 'outlined',
    isShape: true,
    core: {
      title: say(objective, 'the answer', 'die Antwort', 'la respuesta'),
      words: /\b(answer|text|main|body|content|antwort|respuesta)\b/i,
      files: paths.map((path) => fileOf(objective, path)),
      decisions: [noKit(objective)],
    },
    surface: {
      title: say(objective, 'the list of checks', 'die Liste der Prüfungen', 'la lista de comprobaciones'),
      words: /\b(checks?|steps?|prüfungen|comprobaciones)\b/i,
      files: [{ path: `content/${objective.slug}-checks.md`, content: checks(objective) }],
      decisions: [],
    },
    unitTests: [],
    integrationTests: [],
    contract: [...paths, `content/${objective.slug}-checks.md`],
    commands: [],
    features: [noKit(objective)],
  };
};
