import type { KitMaker } from './kit.ts';
import { bullets, documentOf, joined, say } from './language.ts';
import type { Objective } from './objective.ts';
import { capital } from './words.ts';

type Facts = { kind: string; strength: string; weakness: string; fits: string };

/** Common knowledge about things people like to compare; everything else gets the questions instead of answers. */
const KNOWN: Readonly<Record<string, Facts>> = {
  PostgreSQL: {
    kind: 'relational, client and server',
    strength: 'transactions, rich types and queries, extensions',
    weakness: 'needs a server that someone operates',
    fits: 'the default for an application of any size',
  },
  MySQL: {
    kind: 'relational, client and server',
    strength: 'widely hosted, simple replication',
    weakness: 'fewer types and constraints than PostgreSQL',
    fits: 'web applications with simple queries',
  },
  SQLite: {
    kind: 'relational, a library and one file',
    strength: 'nothing to operate, very fast for reading',
    weakness: 'one writer at a time',
    fits: 'devices, tests, small services',
  },
  MongoDB: {
    kind: 'documents, client and server',
    strength: 'flexible shape, sharding built in',
    weakness: 'joins and constraints are on you',
    fits: 'data whose shape differs from record to record',
  },
  Redis: {
    kind: 'key to value, in memory',
    strength: 'very low latency, data structures, pub/sub',
    weakness: 'the data must fit into memory',
    fits: 'caches, queues, counters, sessions',
  },
  TypeScript: {
    kind: 'typed JavaScript',
    strength: 'one language in browser and server, huge ecosystem',
    weakness: 'types are gone at run time',
    fits: 'web applications and their tools',
  },
  Python: {
    kind: 'dynamic, batteries included',
    strength: 'readable, the home of data work',
    weakness: 'slow loops, packaging',
    fits: 'analysis, glue, prototypes',
  },
  Go: {
    kind: 'compiled, garbage collected',
    strength: 'one static binary, simple concurrency',
    weakness: 'little abstraction',
    fits: 'network services',
  },
  Rust: {
    kind: 'compiled, ownership instead of a collector',
    strength: 'speed and safety together',
    weakness: 'takes longer to learn and to compile',
    fits: 'where both latency and correctness count',
  },
  React: {
    kind: 'component library',
    strength: 'the largest ecosystem',
    weakness: 'many choices are left to you',
    fits: 'large applications and teams',
  },
  Vue: {
    kind: 'component framework',
    strength: 'gentle start, official companions',
    weakness: 'smaller market',
    fits: 'teams that want one clear way',
  },
  Svelte: {
    kind: 'compiler for components',
    strength: 'small output, little ceremony',
    weakness: 'smaller ecosystem',
    fits: 'pages where size counts',
  },
};

const TOPICS: ReadonlyArray<[RegExp, string[]]> = [
  [/\b(databases?|datenbanken?)\b/i, ['PostgreSQL', 'SQLite', 'Redis', 'MongoDB', 'MySQL']],
  [/\b(languages?|programmiersprachen?)\b/i, ['TypeScript', 'Python', 'Go', 'Rust']],
  [/\b(frameworks?)\b/i, ['React', 'Vue', 'Svelte']],
];

const NUMBERS: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  zwei: 2,
  drei: 3,
  vier: 4,
};

/** The things to compare: named in the objective, known for its topic, or numbered options. */
const optionsOf = (objective: Objective): string[] => {
  const phrase =
    /\b(?:compar(?:e|ison of|ing)|vergleiche?)\b\s+(.+)/i.exec(objective.text)?.[1] ?? objective.text;
  const named = phrase
    .split(/\bfor\b|\bfür\b|[.;:]/i)[0]
    ?.split(/,|\band\b|\bund\b|\bvs\.?|\bversus\b|\bwith\b|\bmit\b/i)
    .map((part) => part.replace(/^\s*(?:the|der|die|das)\s+/i, '').trim())
    .filter((part) => part !== '' && part.length < 40);
  if (named !== undefined && named.length >= 2) {
    const canonical = (name: string) =>
      Object.keys(KNOWN).find((k) => k.toLowerCase() === name.toLowerCase()) ?? name;
    return named.map(canonical).slice(0, 6);
  }
  const word = objective.text
    .toLowerCase()
    .split(/\s+/)
    .find((candidate) => candidate in NUMBERS);
  const count = word === undefined ? 3 : (NUMBERS[word] ?? 3);
  const topic = TOPICS.find(([pattern]) => pattern.test(objective.text));
  if (topic !== undefined) return topic[1].slice(0, count);
  return Array.from(
    { length: count },
    (_, index) => `${say(objective, 'Option', 'Möglichkeit')} ${index + 1}`,
  );
};

const unknown = (objective: Objective): Facts => ({
  kind: say(objective, 'to be described', 'noch zu beschreiben'),
  strength: say(objective, 'what it does better than the others', 'was es besser kann als die anderen'),
  weakness: say(objective, 'what it costs in money, time or risk', 'was es an Geld, Zeit oder Risiko kostet'),
  fits: say(objective, 'who would choose it again', 'wer es wieder wählen würde'),
});

const table = (objective: Objective): string => {
  const head = say(
    objective,
    '| | Kind | Strength | Weakness | Fits |',
    '| | Art | Stärke | Schwäche | Passt zu |',
  );
  const rows = optionsOf(objective).map((name) => {
    const facts = KNOWN[name] ?? unknown(objective);
    return `| **${name}** | ${facts.kind} | ${facts.strength} | ${facts.weakness} | ${facts.fits} |`;
  });
  return [head, '| --- | --- | --- | --- | --- |', ...rows].join('\n');
};

/** A comparison table and a recommendation. */
export const comparisonKit: KitMaker = (objective) => {
  const options = optionsOf(objective);
  const first = options[0] ?? '';
  const core = documentOf(objective, objective.title, [
    [say(objective, 'Compared', 'Verglichen'), bullets(options.map(capital))],
    [say(objective, 'Side by side', 'Nebeneinander'), table(objective)],
    [
      say(objective, 'Criteria', 'Kriterien'),
      bullets([
        say(objective, 'What has to be operated, and by whom', 'Was betrieben werden muss, und von wem'),
        say(objective, 'What happens when it fails', 'Was geschieht, wenn es ausfällt'),
        say(objective, 'What leaving it again would cost', 'Was ein späterer Wechsel kostet'),
      ]),
    ],
  ]);
  const advice = documentOf(objective, say(objective, 'Recommendation', 'Empfehlung'), [
    [
      say(objective, 'Choice', 'Wahl'),
      say(
        objective,
        `Start with **${first}**: of ${joined(objective, options)} it closes the fewest doors.`,
        `Mit **${first}** beginnen: von ${joined(objective, options)} verschließt es die wenigsten Türen.`,
      ),
    ],
    [
      say(objective, 'When to choose otherwise', 'Wann anders zu wählen ist'),
      bullets(options.slice(1).map((name) => `**${name}**: ${(KNOWN[name] ?? unknown(objective)).fits}`)),
    ],
  ]);
  return {
    core: {
      title: say(objective, 'comparison table', 'Vergleichstabelle'),
      words: /\b(table|compar\w+|matrix|criteria|gather|collect|vergleich\w*)\b/i,
      files: [{ path: 'docs/comparison.md', content: core }],
      decisions: [
        say(
          objective,
          'All options are held against the same criteria.',
          'Für alle gelten dieselben Kriterien.',
        ),
      ],
    },
    surface: {
      title: say(objective, 'recommendation', 'Empfehlung'),
      words: /\b(recommend\w*|advice|choice|decision|conclusion|empfehlung)\b/i,
      files: [{ path: 'docs/recommendation.md', content: advice }],
      decisions: [
        say(objective, `${first} is recommended as the start.`, `${first} wird als Einstieg empfohlen.`),
      ],
    },
    unitTests: [],
    integrationTests: [],
    contract: ['docs/comparison.md', 'docs/recommendation.md'],
    commands: [],
    features: [
      say(objective, `Compares ${joined(objective, options)}.`, `Vergleicht ${joined(objective, options)}.`),
    ],
  };
};
