import type { Draft, KitMaker } from './kit.ts';
import { bullets, documentOf, joined, say } from './language.ts';
import type { Objective } from './objective.ts';
import { capital } from './words.ts';

const mainPart = (objective: Objective): Draft => {
  const [first = '', second = first, third = second] = objective.keywords;
  const all = joined(objective, objective.keywords.slice(0, 5));
  return {
    path: `content/${objective.slug}.md`,
    content: documentOf(objective, objective.title, [
      [
        say(objective, 'In short', 'Kurz gesagt'),
        say(
          objective,
          `This text answers one request: “${objective.text}”. It looks at ${all}, says what can be done now, and names what has to be found out first.`,
          `Dieser Text beantwortet eine Bitte: „${objective.text}“. Er betrachtet ${all}, sagt, was sich jetzt tun lässt, und nennt, was erst herauszufinden ist.`,
        ),
      ],
      [
        say(objective, `Where ${first} stands`, `Wo ${first} steht`),
        say(
          objective,
          `Everything about ${first} depends on who needs it and by when. ${capital(second)} limits what is possible; ${third} decides whether it is worth the effort.`,
          `Alles an ${first} hängt davon ab, wer es braucht und bis wann. ${capital(second)} begrenzt das Mögliche, ${third} entscheidet, ob sich der Aufwand lohnt.`,
        ),
      ],
      [
        say(objective, 'What follows', 'Was daraus folgt'),
        bullets(
          objective.keywords
            .slice(0, 5)
            .map((word, index) =>
              index % 2 === 0
                ? say(
                    objective,
                    `**${word}**: agree on one measure before starting.`,
                    `**${word}**: vor dem Beginn ein Maß vereinbaren.`,
                  )
                : say(
                    objective,
                    `**${word}**: begin small, and keep what works.`,
                    `**${word}**: klein beginnen und behalten, was trägt.`,
                  ),
            ),
        ),
      ],
    ]),
  };
};

const nextSteps = (objective: Objective): Draft => {
  const [first = '', second = first] = objective.keywords;
  return {
    path: `content/${objective.slug}-next-steps.md`,
    content: documentOf(objective, say(objective, 'Next steps', 'Nächste Schritte'), [
      [
        say(objective, 'First week', 'Erste Woche'),
        bullets([
          say(
            objective,
            `Name one person who answers for ${first}.`,
            `Eine Person benennen, die für ${first} einsteht.`,
          ),
          say(
            objective,
            `Write down what is known about ${second}.`,
            `Aufschreiben, was über ${second} bekannt ist.`,
          ),
        ]),
      ],
      [
        say(objective, 'First month', 'Erster Monat'),
        bullets([
          say(
            objective,
            'Try the smallest version with real people.',
            'Die kleinste Fassung mit echten Menschen erproben.',
          ),
          say(
            objective,
            'Decide from what was seen, not from what was hoped.',
            'Nach dem Gesehenen entscheiden, nicht nach dem Erhofften.',
          ),
        ]),
      ],
      [
        say(objective, 'Risks', 'Risiken'),
        bullets([
          say(
            objective,
            `${capital(first)} takes longer than planned: agree beforehand what may be left out.`,
            `${capital(first)} dauert länger als geplant: vorher vereinbaren, was entfallen darf.`,
          ),
        ]),
      ],
    ]),
  };
};

/** A text in two parts; the kit for everything that is no program and has no kit of its own. */
export const documentKit: KitMaker = (objective) => ({
  core: {
    title: say(objective, 'main text', 'Haupttext'),
    words: /\b(main|text|body|content|chapters?|sections?|haupttext)\b/i,
    files: [mainPart(objective)],
    decisions: [
      say(objective, 'The text says what is unknown, too.', 'Der Text nennt auch, was unbekannt ist.'),
    ],
  },
  surface: {
    title: say(objective, 'next steps and risks', 'nächste Schritte und Risiken'),
    words: /\b(steps?|risks?|roadmap|actions?|outlook|schritte|risiken)\b/i,
    files: [nextSteps(objective)],
    decisions: [
      say(
        objective,
        'Steps are ordered by what they teach.',
        'Die Schritte sind danach geordnet, was sie lehren.',
      ),
    ],
  },
  unitTests: [],
  integrationTests: [],
  contract: [`content/${objective.slug}.md`, `content/${objective.slug}-next-steps.md`],
  commands: [],
  features: [say(objective, 'A finished text with next steps.', 'Ein fertiger Text mit nächsten Schritten.')],
});
