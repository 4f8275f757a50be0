import { seededRandom } from '../random.ts';
import type { Draft, KitMaker } from './kit.ts';
import { bullets, documentOf, joined, say } from './language.ts';
import type { Objective } from './objective.ts';
import { capital } from './words.ts';

const FIVE = {
  en: [
    'morning light unfolds',
    'an old pond listens',
    'wind over the hill',
    'the lantern burns low',
    'a single leaf falls',
    'snow on the doorstep',
    'the kettle whispers',
    'first star of the night',
    'rain on the tin roof',
    'the tide turns again',
    'a door left open',
    'cold hands, a warm cup',
  ],
  de: [
    'Licht auf altem Stein',
    'ein Blatt löst sich leis',
    'Regen auf dem Dach',
    'der Abend wird still',
    'Nebel überm Fluss',
    'die Tür steht offen',
    'Staub im Sonnenstrahl',
    'ein Vogel fliegt auf',
  ],
} as const;

const SEVEN = {
  en: [
    'the whole valley holds its breath',
    'somewhere a small bell answers',
    'footprints nobody follows',
    'every branch learns how to wait',
    'the moon is counting the boats',
    'between two thoughts, a heron',
    'the road forgets who walked it',
    'a letter stays unopened',
    'crickets tune the evening air',
    'nothing moves except the clock',
  ],
  de: [
    'irgendwo schlägt eine Uhr',
    'ein Schritt, den niemand mehr hört',
    'die Stadt zählt ihre Lichter',
    'alles wartet auf den Schnee',
    'der Wind kennt deinen Namen',
    'die Stille legt sich darauf',
  ],
} as const;

const FORM =
  /^(haikus?|poems?|poetry|collection|sonnets?|limericks?|lyrics|songs?|stor(y|ies)|short|kurze?|gedichte?|geschichten?|märchen|lied(er)?|sammlung|one|two|three|four|five|six|seven|eight|nine|ten|zwei|drei|vier|fünf|english|german|deutsch|englisch|about|save|write|file|datei|\d+)$/i;

/** What the piece is about, without the words for its form. */
const themesOf = (objective: Objective): string[] => {
  const themes = objective.keywords.filter((word) => !FORM.test(word));
  return themes.length > 0 ? themes : [say(objective, 'the seasons', 'Die Jahreszeiten')];
};

const poems = (objective: Objective, count: number): string => {
  const random = seededRandom('poems', objective.text);
  const themes = themesOf(objective);
  const written = objective.language === 'de' ? 'de' : 'en';
  const five = FIVE[written];
  const seven = SEVEN[written];
  const verses = Array.from({ length: count }, (_, index) => {
    const at = random.between(0, five.length - 1);
    const theme = themes[index % themes.length] ?? '';
    const last = five[(at + 1 + random.between(0, five.length - 2)) % five.length] ?? five[0];
    return `### ${index + 1}. ${capital(theme)}\n\n${five[at]}  \n${random.pick(seven)}  \n${last}`;
  });
  return verses.join('\n\n');
};

const story = (objective: Objective): string => {
  const random = seededRandom('story', objective.text);
  const themes = themesOf(objective);
  const theme = capital(themes[0] ?? '');
  const other = capital(themes[1] ?? themes[0] ?? '');
  const [line, second, third] = [random.pick(FIVE.en), random.pick(SEVEN.en), random.pick(FIVE.en)];
  const [zeile, zweite, dritte] = [random.pick(FIVE.de), random.pick(SEVEN.de), random.pick(FIVE.de)];
  const hour = random.between(5, 11);
  return say(
    objective,
    [
      `It began at ${hour} in the morning with a sentence on a slip of paper: “${theme}.” Mara found it between two pages of a borrowed book and could not put it away again.`,
      `She asked the baker, the woman at the ferry, the boy with the bicycle. Each knew something about ${other}, and no two knew the same. Outside: ${line}. Inside the question grew.`,
      `“You are looking in the wrong order,” said the clockmaker at last. “First you listen, then you ask.” So she listened. ${capital(second)}.`,
      `By evening she had understood that ${theme} was not a place to arrive at but a way of walking. ${capital(third)}. She wrote one word on the back of the slip and laid it into the next book.`,
    ].join('\n\n'),
    [
      `Es begann um ${hour} Uhr morgens mit einem Satz auf einem Zettel: „${theme}.“ Mara fand ihn zwischen zwei Seiten eines geliehenen Buches und konnte ihn nicht wieder weglegen.`,
      `Sie fragte den Bäcker, die Frau an der Fähre, den Jungen mit dem Fahrrad. Jeder wusste etwas über ${other}, und keine zwei wussten dasselbe. Draußen: ${zeile}. Drinnen wuchs die Frage.`,
      `„Du suchst in der falschen Reihenfolge“, sagte der Uhrmacher schließlich. „Erst hört man zu, dann fragt man.“ Also hörte sie zu. ${capital(zweite)}.`,
      `Am Abend hatte sie verstanden, dass ${theme} kein Ort ist, an dem man ankommt, sondern eine Art zu gehen. ${capital(dritte)}. Sie schrieb ein Wort auf die Rückseite und legte den Zettel in das nächste Buch.`,
    ].join('\n\n'),
  );
};

const isStory = (objective: Objective): boolean =>
  /\b(stor(y|ies)|tales?|geschichten?|märchen)\b/i.test(objective.text);

const USUAL_POEMS = 8;

/** `a haiku`, `ein Gedicht`. */
const single = (objective: Objective): boolean =>
  /\b(?:an?|one|ein|eine)\s+(?:\p{L}+\s+)?(?:haiku|poem|gedicht)\b(?!\s+collection)/iu.test(objective.text);

const bodyOf = (objective: Objective): string =>
  isStory(objective)
    ? story(objective)
    : poems(objective, objective.count ?? (single(objective) ? 1 : USUAL_POEMS));

const piece = (objective: Objective): Draft => {
  const path = objective.files[0] ?? `content/${objective.slug}.md`;
  const heading = isStory(objective)
    ? say(objective, 'The story', 'Die Geschichte')
    : say(objective, 'The poems', 'Die Gedichte');
  // Plain text has no headings.
  const content = path.endsWith('.md')
    ? documentOf(objective, objective.title, [[heading, bodyOf(objective)]])
    : `${bodyOf(objective).replace(/^### /gm, '').replace(/ {2}$/gm, '')}\n`;
  return { path, content };
};

const afterword = (objective: Objective): Draft => {
  const themes = themesOf(objective);
  return {
    path: `content/${objective.slug}-afterword.md`,
    content: documentOf(objective, say(objective, 'Afterword', 'Nachwort'), [
      [
        say(objective, 'What holds it together', 'Was es zusammenhält'),
        say(
          objective,
          `The pieces circle around ${joined(objective, themes)}. Each says one thing only and leaves the rest to the reader.`,
          `Die Texte kreisen um ${joined(objective, themes)}. Jeder sagt nur eine Sache und überlässt den Rest den Lesenden.`,
        ),
      ],
      [
        say(objective, 'Reading order', 'Lesereihenfolge'),
        bullets([
          say(objective, 'Front to back on the first reading.', 'Beim ersten Lesen von vorn nach hinten.'),
          say(objective, 'Then one a day, in any order.', 'Danach einen am Tag, in beliebiger Folge.'),
        ]),
      ],
    ]),
  };
};

/** Poems or a story, with an afterword. */
export const creativeKit: KitMaker = (objective) => ({
  plan: 'short',
  core: {
    title: say(objective, 'the main text', 'Haupttext'),
    words: /\b(main|text|poems?|haikus?|stor(y|ies)|verses?|haupttext)\b/i,
    files: [piece(objective)],
    decisions: [say(objective, 'Short forms, one image each.', 'Kurze Formen, je ein Bild.')],
  },
  surface: {
    title: say(objective, 'the afterword and reading order', 'Nachwort und Lesereihenfolge'),
    words: /\b(afterword|order|notes?|arrange|edit|foreword|introduction|nachwort|lesereihenfolge)\b/i,
    files: [afterword(objective)],
    decisions: [
      say(
        objective,
        'The afterword explains no single piece.',
        'Das Nachwort erklärt keinen einzelnen Text.',
      ),
    ],
  },
  unitTests: [],
  integrationTests: [],
  contract: [objective.files[0] ?? `content/${objective.slug}.md`, `content/${objective.slug}-afterword.md`],
  commands: [],
  features: [say(objective, 'A finished text and an afterword.', 'Ein fertiger Text und ein Nachwort.')],
});
