import type { KitMaker } from './kit.ts';
import { bullets, documentOf, joined, say } from './language.ts';
import type { Objective } from './objective.ts';
import { noKit } from './shape-text.ts';
import { capital } from './words.ts';

type Words = readonly [english: string, german: string];
type Facts = { kind: Words; strength: Words; weakness: Words; fits: Words };

const facts = (kind: Words, strength: Words, weakness: Words, fits: Words): Facts => ({
  kind,
  strength,
  weakness,
  fits,
});

/** Common knowledge about things people like to compare; about everything else the simulation knows nothing, and says so. */
const KNOWN: Readonly<Record<string, Facts>> = {
  PostgreSQL: facts(
    ['relational, client and server', 'relational, Client und Server'],
    [
      'transactions, rich types and queries, extensions',
      'Transaktionen, reiche Typen und Abfragen, Erweiterungen',
    ],
    ['needs a server that someone operates', 'braucht einen Server, den jemand betreibt'],
    ['the default for an application of any size', 'der Normalfall für Anwendungen jeder Größe'],
  ),
  MySQL: facts(
    ['relational, client and server', 'relational, Client und Server'],
    ['widely hosted, simple replication', 'überall zu mieten, einfache Replikation'],
    ['fewer types and constraints than PostgreSQL', 'weniger Typen und Bedingungen als PostgreSQL'],
    ['web applications with simple queries', 'Webanwendungen mit einfachen Abfragen'],
  ),
  SQLite: facts(
    ['relational, a library and one file', 'relational, eine Bibliothek und eine Datei'],
    ['nothing to operate, very fast for reading', 'nichts zu betreiben, sehr schnelles Lesen'],
    ['one writer at a time', 'nur ein Schreiber zur selben Zeit'],
    ['devices, tests, small services', 'Geräte, Tests, kleine Dienste'],
  ),
  MongoDB: facts(
    ['documents, client and server', 'Dokumente, Client und Server'],
    ['flexible shape, sharding built in', 'freie Form, Verteilung eingebaut'],
    ['joins and constraints are on you', 'Verknüpfungen und Bedingungen bleiben Ihnen'],
    ['data whose shape differs from record to record', 'Daten, deren Form von Satz zu Satz wechselt'],
  ),
  Redis: facts(
    ['data structures in memory', 'Datenstrukturen im Speicher'],
    ['very low latency, streams, pub/sub', 'sehr kurze Wege, Streams, Pub/Sub'],
    ['the data must fit into memory', 'die Daten müssen in den Speicher passen'],
    ['caches, queues, counters, sessions', 'Zwischenspeicher, Warteschlangen, Zähler, Sitzungen'],
  ),
  RabbitMQ: facts(
    ['message broker with queues and exchanges', 'Nachrichtenvermittler mit Warteschlangen und Verteilern'],
    ['flexible routing, acknowledgements, mature clients', 'freies Verteilen, Bestätigungen, reife Clients'],
    ['a cluster takes care to operate', 'ein Verbund will gepflegt sein'],
    ['background jobs and routing between services', 'Hintergrundarbeit und Verteilen zwischen Diensten'],
  ),
  NATS: facts(
    ['light messaging server, streams with JetStream', 'leichter Nachrichtenserver, Streams mit JetStream'],
    ['one small binary, very low latency', 'ein kleines Programm, sehr kurze Wege'],
    ['fewer tools around it', 'weniger Werkzeuge drumherum'],
    ['small teams that want little to operate', 'kleine Teams, die wenig betreiben wollen'],
  ),
  Kafka: facts(
    ['distributed log', 'verteiltes Protokoll'],
    ['high throughput, replay, long retention', 'hoher Durchsatz, Wiederholung, lange Aufbewahrung'],
    ['much to operate for little data', 'viel Betrieb für wenig Daten'],
    ['event streams that several systems read', 'Ereignisströme, die mehrere Systeme lesen'],
  ),
  TypeScript: facts(
    ['typed JavaScript', 'JavaScript mit Typen'],
    [
      'one language in browser and server, huge ecosystem',
      'eine Sprache in Browser und Server, große Umgebung',
    ],
    ['types are gone at run time', 'zur Laufzeit sind die Typen weg'],
    ['web applications and their tools', 'Webanwendungen und ihre Werkzeuge'],
  ),
  Python: facts(
    ['dynamic, batteries included', 'dynamisch, vieles schon dabei'],
    ['readable, the home of data work', 'lesbar, die Heimat der Datenarbeit'],
    ['slow loops, packaging', 'langsame Schleifen, Paketierung'],
    ['analysis, glue, prototypes', 'Auswertung, Bindeglied, Prototypen'],
  ),
  Go: facts(
    ['compiled, garbage collected', 'kompiliert, mit Speicherbereinigung'],
    ['one static binary, simple concurrency', 'ein statisches Programm, einfache Nebenläufigkeit'],
    ['little abstraction', 'wenig Abstraktion'],
    ['network services', 'Netzdienste'],
  ),
  Rust: facts(
    ['compiled, ownership instead of a collector', 'kompiliert, Besitz statt Speicherbereinigung'],
    ['speed and safety together', 'Tempo und Sicherheit zugleich'],
    ['takes longer to learn and to compile', 'braucht länger zum Lernen und Übersetzen'],
    ['where both latency and correctness count', 'wo Antwortzeit und Richtigkeit zählen'],
  ),
  React: facts(
    ['component library', 'Bibliothek für Bausteine'],
    ['the largest ecosystem', 'die größte Umgebung'],
    ['many choices are left to you', 'viele Entscheidungen bleiben Ihnen'],
    ['large applications and teams', 'große Anwendungen und Teams'],
  ),
  Vue: facts(
    ['component framework', 'Gerüst für Bausteine'],
    ['gentle start, official companions', 'sanfter Einstieg, offizielle Begleiter'],
    ['smaller market', 'kleinerer Markt'],
    ['teams that want one clear way', 'Teams, die einen klaren Weg wollen'],
  ),
  Svelte: facts(
    ['compiler for components', 'Compiler für Bausteine'],
    ['small output, little ceremony', 'kleines Ergebnis, wenig Umstand'],
    ['smaller ecosystem', 'kleinere Umgebung'],
    ['pages where size counts', 'Seiten, bei denen die Größe zählt'],
  ),
};

const TOPICS: ReadonlyArray<[RegExp, string[]]> = [
  [
    /\b(message queues?|message brokers?|queues?|nachrichtenwarteschlangen?|warteschlangen?)\b/i,
    ['RabbitMQ', 'NATS', 'Kafka', 'Redis'],
  ],
  [/\b(databases?|datenbanken?)\b/i, ['PostgreSQL', 'SQLite', 'Redis', 'MongoDB', 'MySQL']],
  [/\b(languages?|programmiersprachen?)\b/i, ['TypeScript', 'Python', 'Go', 'Rust']],
  [/\b(frameworks?)\b/i, ['React', 'Vue', 'Svelte']],
];

/** The things to compare: named in the objective, known for its topic, or numbered options. */
const optionsOf = (objective: Objective): string[] => {
  const phrase =
    /\b(?:compar(?:e|ison of|ing)|vergleiche?)\b\s+(.+)/i.exec(objective.text)?.[1] ?? objective.text;
  const named = phrase
    .split(/\bfor\b|\bfür\b|[.;:]/i)[0]
    ?.split(/,|\band\b|\bund\b|\bvs\.?|\bversus\b|\bwith\b|\bmit\b/i)
    .map((part) => part.replace(/^\s*(?:the|der|die|das)\s+/i, '').trim())
    // `my two cats Minka`: the name alone.
    .map((part) => part.replace(/^(?:\p{Ll}[\p{L}\d]*\s+)+(?=\p{Lu})/u, ''))
    .filter((part) => part !== '' && part.length < 40);
  if (named !== undefined && named.length >= 2) {
    const canonical = (name: string) =>
      Object.keys(KNOWN).find((k) => k.toLowerCase() === name.toLowerCase()) ?? name;
    return named.map(canonical).slice(0, 6);
  }
  const count = objective.count ?? 3;
  const topic = TOPICS.find(([pattern]) => pattern.test(objective.text));
  if (topic !== undefined) return topic[1].slice(0, count);
  return Array.from(
    { length: count },
    (_, index) => `${say(objective, 'Option', 'Möglichkeit')} ${index + 1}`,
  );
};

const factsOf = (name: string): Facts | undefined => (Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined);

const cell = (objective: Objective, words: Words | undefined): string =>
  words === undefined ? '?' : say(objective, words[0], words[1]);

const table = (objective: Objective, options: readonly string[]): string => {
  const head = say(
    objective,
    '| | Kind | Strength | Weakness | Fits |',
    '| | Art | Stärke | Schwäche | Passt zu |',
  );
  const rows = options.map((name) => {
    const known = factsOf(name);
    const cells = [known?.kind, known?.strength, known?.weakness, known?.fits].map((words) =>
      cell(objective, words),
    );
    return `| **${name}** | ${cells.join(' | ')} |`;
  });
  return [head, '| --- | --- | --- | --- | --- |', ...rows].join('\n');
};

const comparisonPath = (objective: Objective): string =>
  objective.files.find((file) => file.endsWith('.md')) ?? 'docs/comparison.md';

/** A comparison table and a recommendation. */
export const comparisonKit: KitMaker = (objective) => {
  const options = optionsOf(objective);
  const known = options.filter((name) => factsOf(name) !== undefined);
  const unknown = options.filter((name) => factsOf(name) === undefined);
  const first = known[0];
  const lacking = `${noKit(objective)} ${say(
    objective,
    `It knows nothing about ${joined(objective, unknown)}: a question mark stands where a real model would write.`,
    `Sie weiß nichts über ${joined(objective, unknown)}: ein Fragezeichen steht, wo ein echtes Modell schriebe.`,
  )}`;
  const choice =
    first === undefined
      ? lacking
      : say(
          objective,
          `Of what is known here, start with **${first}**: ${cell(objective, factsOf(first)?.fits)}.`,
          `Von dem, was hier bekannt ist, mit **${first}** beginnen: ${cell(objective, factsOf(first)?.fits)}.`,
        );
  const core = documentOf(objective, objective.title, [
    [say(objective, 'Compared', 'Verglichen'), bullets(options.map(capital))],
    [say(objective, 'Side by side', 'Nebeneinander'), table(objective, options)],
    [say(objective, 'Not known', 'Nicht bekannt'), unknown.length === 0 ? '' : lacking],
    [
      say(objective, 'Criteria', 'Kriterien'),
      first === undefined
        ? ''
        : bullets([
            say(objective, 'What has to be operated, and by whom', 'Was betrieben werden muss, und von wem'),
            say(objective, 'What happens when it fails', 'Was geschieht, wenn es ausfällt'),
            say(objective, 'What leaving it again would cost', 'Was ein späterer Wechsel kostet'),
          ]),
    ],
  ]);
  const advice = documentOf(objective, say(objective, 'Recommendation', 'Empfehlung'), [
    [say(objective, 'Choice', 'Wahl'), choice],
    [
      say(objective, 'When to choose otherwise', 'Wann anders zu wählen ist'),
      bullets(known.slice(1).map((name) => `**${name}**: ${cell(objective, factsOf(name)?.fits)}`)),
    ],
  ]);
  return {
    plan: 'short',
    core: {
      title: say(objective, 'the comparison table', 'Vergleichstabelle'),
      words: /\b(table|compar\w+|matrix|criteria|gather|collect|vergleich\w*)\b/i,
      files: [{ path: comparisonPath(objective), content: core }],
      decisions: [
        say(
          objective,
          'All options are held against the same criteria.',
          'Für alle gelten dieselben Kriterien.',
        ),
      ],
    },
    surface: {
      title: say(objective, 'the recommendation', 'Empfehlung'),
      words: /\b(recommend\w*|advice|choice|decision|conclusion|empfehlung)\b/i,
      files: [{ path: 'docs/recommendation.md', content: advice }],
      decisions: [
        first === undefined
          ? noKit(objective)
          : say(objective, `${first} is recommended as the start.`, `${first} wird als Einstieg empfohlen.`),
      ],
    },
    unitTests: [],
    integrationTests: [],
    contract: [comparisonPath(objective), 'docs/recommendation.md'],
    commands: [],
    features: [
      say(objective, `Compares ${joined(objective, options)}.`, `Vergleicht ${joined(objective, options)}.`),
      ...(unknown.length === 0 ? [] : [lacking]),
    ],
  };
};
