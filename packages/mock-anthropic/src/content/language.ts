import type { Objective } from './objective.ts';

/** The text in the objective's language; English where there is no Spanish one. */
export const say = (objective: Objective, english: string, german: string, spanish = english): string => {
  if (objective.language === 'de') return german;
  return objective.language === 'es' ? spanish : english;
};

/** A Markdown list. */
export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

/** `a, b and c` in the objective's language. */
export const joined = (objective: Objective, words: readonly string[]): string => {
  const last = words.at(-1) ?? '';
  if (words.length < 2) return last;
  return `${words.slice(0, -1).join(', ')} ${say(objective, 'and', 'und', 'y')} ${last}`;
};

/** Closes every generated document. */
const simulatedNote = (objective: Objective): string =>
  say(
    objective,
    '_Written by a simulated model: the form is real, the judgement is not._',
    '_Von einem simulierten Modell geschrieben: die Form ist echt, das Urteil nicht._',
    '_Escrito por un modelo simulado: la forma es real, el juicio no._',
  );

/** A Markdown document of a title and sections; empty sections are left out. */
export const documentOf = (
  objective: Objective,
  title: string,
  sections: ReadonlyArray<readonly [heading: string, body: string]>,
): string =>
  [
    `# ${title}`,
    ...sections
      .filter(([, body]) => body.trim() !== '')
      .map(([heading, body]) => `## ${heading}\n\n${body.trim()}`),
    `${simulatedNote(objective)}\n`,
  ].join('\n\n');
