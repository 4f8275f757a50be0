import { quotedIn } from './asked.ts';
import type { KitMaker } from './kit.ts';
import { bullets, documentOf, say } from './language.ts';
import type { Objective } from './objective.ts';
import { type Tongue, tonguesIn, translate } from './phrases.ts';
import { noKit } from './shape-text.ts';

const NAMES: Readonly<Record<Tongue, { en: string; de: string; es: string }>> = {
  en: { en: 'English', de: 'Englisch', es: 'inglés' },
  de: { en: 'German', de: 'Deutsch', es: 'alemán' },
  fr: { en: 'French', de: 'Französisch', es: 'francés' },
  es: { en: 'Spanish', de: 'Spanisch', es: 'español' },
  it: { en: 'Italian', de: 'Italienisch', es: 'italiano' },
};

/** `from French into German` asks for German alone. */
const targets = (objective: Objective, text: string): Tongue[] => {
  const request = objective.text.replace(text, ' ').replace(/\b(?:from|aus dem|vom|del|de)\s+\p{L}+/giu, ' ');
  const named = tonguesIn(request);
  return named.length > 0 ? named : objective.language === 'en' ? ['de'] : ['en'];
};

/** The quoted text in the languages asked for, as far as a small phrase book goes, and plainly where it ends. */
export const translationKit: KitMaker = (objective) => {
  const text = quotedIn(objective.text) ?? '';
  const tongues = targets(objective, text);
  const left = new Set<string>();
  const missing = say(objective, 'not translated', 'nicht übersetzt', 'sin traducir');
  const inTongue = (to: Tongue): string =>
    translate(text, to)
      .map(({ source, translated }) => {
        if (translated === null) left.add(source);
        return translated ?? `[${missing}: ${source}]`;
      })
      .join(' ');
  const made = tongues.map((to) => ({ to, translated: inTongue(to) }));
  const [one] = made;
  const sections = made.map(
    ({ to, translated }) => [NAMES[to][objective.language], `> ${translated}`] as const,
  );
  const named = objective.files[0];
  const path = named ?? 'translation.md';
  const plain =
    made.length === 1
      ? (one?.translated ?? '')
      : made.map(({ to, translated }) => `${to}: ${translated}`).join('\n');
  const content = path.endsWith('.md')
    ? documentOf(objective, say(objective, 'Translation', 'Übersetzung', 'Traducción'), [
        [say(objective, 'Text', 'Text', 'Texto'), `> ${text}`],
        ...sections,
      ])
    : `${plain}\n`;
  const limits =
    left.size === 0
      ? say(
          objective,
          'Every sentence is in the phrase book.',
          'Jeder Satz steht im Sprachführer.',
          'Todas las frases están en el manual de conversación.',
        )
      : `${noKit(objective)} ${say(
          objective,
          'Its small phrase book lacks:',
          'In ihrem kleinen Sprachführer fehlt:',
          'En su pequeño manual faltan:',
        )}\n\n${bullets([...left])}`;
  const notes = documentOf(
    objective,
    say(objective, 'Notes on the translation', 'Anmerkungen zur Übersetzung', 'Notas sobre la traducción'),
    [[say(objective, 'What was known', 'Was bekannt war', 'Lo que se conocía'), limits]],
  );
  const into = tongues.map((to) => NAMES[to][objective.language]).join(', ');
  return {
    plan: 'short',
    core: {
      title: say(
        objective,
        `the translation into ${into}`,
        `die Übersetzung (${into})`,
        `la traducción al ${into}`,
      ),
      words: /\b(translation|übersetzung|traducción)/i,
      files: [{ path, content }],
      decisions: [
        say(
          objective,
          'A sentence that is not in the phrase book is marked, not guessed.',
          'Ein Satz, der nicht im Sprachführer steht, wird gekennzeichnet und nicht geraten.',
          'Una frase que no está en el manual se marca y no se adivina.',
        ),
      ],
    },
    surface: {
      title: say(objective, 'the notes on what was known', 'die Anmerkungen', 'las notas'),
      words: /\b(notes|anmerkungen|notas)\b/i,
      files: [{ path: 'translation-notes.md', content: notes }],
      decisions: [],
    },
    unitTests: [],
    integrationTests: [],
    contract: [path, 'translation-notes.md'],
    commands: [],
    features: made.map(({ to, translated }) => `${NAMES[to][objective.language]}: ${translated}`),
  };
};
