import { figuresIn } from './figures.ts';
import type { KitMaker } from './kit.ts';
import { bullets, documentOf, say } from './language.ts';
import type { Objective } from './objective.ts';

const LOCALES = { en: 'en-US', de: 'de-DE', es: 'es-ES' } as const;

const shown = (objective: Objective, value: number): string =>
  value.toLocaleString(LOCALES[objective.language], { maximumFractionDigits: 2, useGrouping: 'always' });

/** A report over the figures of the request: a table, what they add up to, and what stands out. All of it computed. */
export const reportKit: KitMaker = (objective) => {
  const figures = figuresIn(objective.text);
  const values = figures.map(({ value }) => value);
  const total = values.reduce((sum, value) => sum + value, 0);
  const mean = total / values.length;
  const sorted = figures.toSorted((a, b) => b.value - a.value);
  const [highest] = sorted;
  const lowest = sorted.at(-1);
  const number = (value: number) => shown(objective, value);
  const percent = (part: number) => `${number(part * 100)} %`;
  const rows = figures.map(({ label, value }, index) => {
    const before = values[index - 1];
    const change =
      before === undefined || before === 0
        ? ''
        : `${value >= before ? '+' : ''}${percent((value - before) / before)}`;
    return `| ${label.replaceAll('|', '/')} | ${number(value)} | ${total === 0 ? '' : percent(value / total)} | ${change} |`;
  });
  const head = say(
    objective,
    '| | Figure | Share | Change |',
    '| | Wert | Anteil | Veränderung |',
    '| | Cifra | Parte | Cambio |',
  );
  const facts = [
    `${say(objective, 'Total', 'Summe', 'Total')}: **${number(total)}**`,
    `${say(objective, 'Average', 'Durchschnitt', 'Media')}: **${number(mean)}**`,
    `${say(objective, 'Highest', 'Höchster Wert', 'Más alta')}: **${highest?.label}** (${number(highest?.value ?? 0)})`,
    `${say(objective, 'Lowest', 'Niedrigster Wert', 'Más baja')}: **${lowest?.label}** (${number(lowest?.value ?? 0)})`,
  ];
  const path = objective.files[0] ?? 'report.md';
  const csv = [
    'label,value',
    ...figures.map(({ label, value }) => `"${label.replaceAll('"', '""')}",${value}`),
  ];
  const limits = say(
    objective,
    'Everything here is computed from the figures of the request. Why they are as they are, the simulation cannot know.',
    'Alles hier ist aus den Zahlen des Auftrags gerechnet. Warum sie so sind, kann die Simulation nicht wissen.',
    'Todo aquí está calculado con las cifras del encargo. La simulación no puede saber por qué son así.',
  );
  const content = documentOf(objective, objective.title, [
    [say(objective, 'At a glance', 'Auf einen Blick', 'De un vistazo'), bullets(facts)],
    [
      say(objective, 'Figures', 'Zahlen', 'Cifras'),
      [head, '| --- | ---: | ---: | ---: |', ...rows].join('\n'),
    ],
    [say(objective, 'Limits', 'Grenzen', 'Límites'), limits],
  ]);
  return {
    plan: 'short',
    core: {
      title: say(objective, 'the report', 'den Bericht', 'el informe'),
      words: /\b(report|bericht|informe)\b/i,
      files: [{ path, content: path.endsWith('.csv') ? `${csv.join('\n')}\n` : content }],
      decisions: [limits],
    },
    surface: {
      title: say(objective, 'the figures as a table', 'die Zahlen als Tabelle', 'las cifras en una tabla'),
      words: /\b(figures|table|zahlen|tabelle|cifras|tabla)\b/i,
      files: [{ path: path === 'figures.csv' ? 'table.csv' : 'figures.csv', content: `${csv.join('\n')}\n` }],
      decisions: [],
    },
    unitTests: [],
    integrationTests: [],
    contract: [path],
    commands: [],
    features: facts,
  };
};
