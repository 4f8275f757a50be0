import type { Kit } from './kit.ts';
import { bullets, documentOf, joined, say } from './language.ts';
import type { Objective } from './objective.ts';
import { shapeDocument } from './shape.ts';
import { capital } from './words.ts';

/** Where there is nothing to say, or no words to say it in, a document is no more than a shape, and says so. */
const isOnlyShape = (objective: Objective, kit: Kit): boolean =>
  kit.isShape === true || objective.language === 'es';

type Result = { name: string; agent: string; summary: string };

const resultsSection = (objective: Objective, results: readonly Result[]): readonly [string, string] => [
  say(objective, 'Builds on', 'Baut auf'),
  bullets(
    results.map((result) => `**${result.name}** (${result.agent}): ${result.summary.split('\n')[0] ?? ''}`),
  ),
];

/** What the objective means, what is known, what is not. */
export const researchDocument = (
  objective: Objective,
  kit: Kit,
  task: string,
  results: readonly Result[],
): string => {
  if (isOnlyShape(objective, kit)) return shapeDocument(objective, capital(task));
  const words = objective.keywords.slice(0, 5);
  return documentOf(objective, capital(task), [
    [say(objective, 'Objective', 'Ziel'), `> ${objective.text.replace(/\n/g, '\n> ')}`],
    resultsSection(objective, results),
    [
      say(objective, 'Questions', 'Fragen'),
      bullets(
        words.map((word, index) =>
          index % 2 === 0
            ? say(
                objective,
                `**${word}**: who needs it, and how will they notice that it works?`,
                `**${word}**: wer braucht es, und woran zeigt sich, dass es gelingt?`,
              )
            : say(
                objective,
                `**${word}**: what is the smallest version that is worth having?`,
                `**${word}**: was ist die kleinste Fassung, die sich lohnt?`,
              ),
        ),
      ),
    ],
    [
      say(objective, 'Findings', 'Ergebnisse'),
      bullets([
        say(
          objective,
          `“${joined(objective, words)}” can be reached with what a standard installation offers; every added dependency is a cost of its own.`,
          `„${joined(objective, words)}“ ist mit üblichen Mitteln erreichbar; jede weitere Abhängigkeit kostet für sich.`,
        ),
        say(
          objective,
          'The parts that others depend on should be settled first: names, shapes, limits.',
          'Zuerst gehört festgelegt, worauf andere bauen: Namen, Formen, Grenzen.',
        ),
        say(
          objective,
          'No outside source was consulted: a simulated model knows only the request.',
          'Es wurde keine äußere Quelle befragt: ein simuliertes Modell kennt nur den Auftrag.',
        ),
      ]),
    ],
  ]);
};

/** The pieces, what they agree on, and why. */
export const architectureDocument = (
  objective: Objective,
  kit: Kit,
  task: string,
  results: readonly Result[],
): string => {
  if (isOnlyShape(objective, kit)) return shapeDocument(objective, capital(task));
  const section = (part: Kit['core']): string =>
    `${bullets(part.files.map((file) => `\`${file.path}\``))}\n\n${part.decisions.join(' ')}`;
  return documentOf(objective, `${say(objective, 'Architecture', 'Aufbau')}: ${objective.title}`, [
    [say(objective, 'Task', 'Aufgabe'), task],
    resultsSection(objective, results),
    [capital(kit.core.title), section(kit.core)],
    [capital(kit.surface.title), section(kit.surface)],
    [say(objective, 'What the parts agree on', 'Worauf sich die Teile einigen'), bullets(kit.contract)],
    [
      say(objective, 'Order of work', 'Reihenfolge'),
      say(
        objective,
        `${capital(kit.core.title)} and ${kit.surface.title} can be made at the same time, as both keep to the agreement above.`,
        `${capital(kit.core.title)} und ${kit.surface.title} können gleichzeitig entstehen, weil beide die Abmachung oben einhalten.`,
      ),
    ],
  ]);
};

/** Requirements, options and risks, side by side. */
export const analysisDocument = (
  objective: Objective,
  kit: Kit,
  task: string,
  results: readonly Result[],
): string => {
  if (isOnlyShape(objective, kit)) return shapeDocument(objective, capital(task));
  const rows = kit.features.map(
    (feature, index) =>
      `| R${index + 1} | ${feature.replaceAll('|', '/')} | ${index === 0 ? 'must' : 'should'} |`,
  );
  const [first = objective.title, second = first] = objective.keywords;
  return documentOf(objective, capital(task), [
    [say(objective, 'Objective', 'Ziel'), `> ${objective.text.replace(/\n/g, '\n> ')}`],
    resultsSection(objective, results),
    [
      say(objective, 'Requirements', 'Anforderungen'),
      [
        say(objective, '| Id | Requirement | Weight |', '| Nr. | Anforderung | Gewicht |'),
        '| --- | --- | --- |',
        ...rows,
      ].join('\n'),
    ],
    [
      say(objective, 'Risks', 'Risiken'),
      bullets([
        say(
          objective,
          `**${first}** is understood differently by different people: agree on the contract in writing.`,
          `**${first}** wird verschieden verstanden: die Abmachung aufschreiben.`,
        ),
        say(
          objective,
          `**${second}** grows: decide now what is left out.`,
          `**${second}** wächst: jetzt entscheiden, was entfällt.`,
        ),
      ]),
    ],
    [
      say(objective, 'Measure of success', 'Maß des Erfolgs'),
      kit.unitTests.length > 0
        ? say(
            objective,
            'All tests pass, and each requirement has at least one.',
            'Alle Tests bestehen, und jede Anforderung hat mindestens einen.',
          )
        : say(
            objective,
            'A reader who knows only the result can act on it.',
            'Wer nur das Ergebnis kennt, kann danach handeln.',
          ),
    ],
  ]);
};

/** Who does what, and what is next. */
export const coordinationDocument = (
  objective: Objective,
  kit: Kit,
  task: string,
  results: readonly Result[],
): string => {
  if (isOnlyShape(objective, kit)) return shapeDocument(objective, capital(task));
  return documentOf(objective, capital(task), [
    resultsSection(objective, results),
    [
      say(objective, 'Next', 'Als Nächstes'),
      bullets([
        say(objective, `One agent takes the ${kit.core.title}.`, `Ein Agent übernimmt: ${kit.core.title}.`),
        say(
          objective,
          `Another takes the ${kit.surface.title}.`,
          `Ein anderer übernimmt: ${kit.surface.title}.`,
        ),
        say(
          objective,
          'Whoever changes the agreement tells the other first.',
          'Wer die Abmachung ändert, sagt es vorher dem anderen.',
        ),
      ]),
    ],
    [say(objective, 'Agreement', 'Abmachung'), bullets(kit.contract)],
  ]);
};
