import type { Kit } from '../kit.ts';
import { isProgram } from '../kits.ts';
import type { Objective } from '../objective.ts';
import type { Step } from './step.ts';
import { half } from './step.ts';

const paths = (files: Kit['unitTests']): string[] => files.map((file) => file.path);

/** Research, design, two halves at the same time, then tests and review of both. */
export const development = (objective: Objective, kit: Kit): Step[] => {
  const contract = kit.contract.join('; ');
  const tests: Step = {
    key: 'tests',
    agent: 'tester',
    priority: 'high',
    after: ['core', 'surface'],
    en: ['Write the tests', `Prove with node:test: ${kit.features.join(' ')}`],
    de: ['Tests schreiben', `Mit node:test belegen: ${kit.features.join(' ')}`],
    files: paths([...kit.unitTests, ...kit.integrationTests]),
  };
  return [
    {
      key: 'research',
      agent: 'researcher',
      en: ['Research the requirements', `Find out what “${objective.text}” has to do and for whom.`],
      de: ['Anforderungen klären', `Herausfinden, was „${objective.text}“ leisten muss und für wen.`],
    },
    {
      key: 'design',
      agent: 'architect',
      priority: 'critical',
      after: ['research'],
      en: [
        'Design the architecture',
        `Cut the work into parts and write down what they agree on: ${contract}.`,
      ],
      de: [
        'Architektur entwerfen',
        `Die Arbeit in Teile schneiden und ihre Abmachung festhalten: ${contract}.`,
      ],
    },
    half(objective, kit, 'core', ['design']),
    half(objective, kit, 'surface', ['design']),
    ...(isProgram(kit) ? [tests] : []),
    {
      key: 'review',
      agent: 'reviewer',
      after: ['core', 'surface'],
      en: ['Review the result', 'Read every file; remark on lines, most serious first.'],
      de: ['Ergebnis prüfen', 'Jede Datei lesen; Anmerkungen zu Zeilen, Wichtigstes zuerst.'],
    },
  ];
};

/** What to test, the thing itself, two kinds of tests at the same time, what they leave out. */
export const testing = (objective: Objective, kit: Kit): Step[] => [
  {
    key: 'strategy',
    agent: 'analyst',
    priority: 'high',
    en: ['Plan the tests', `What must hold for “${objective.text}”?`],
    de: ['Tests festlegen', `Was muss für „${objective.text}“ gelten?`],
  },
  half(objective, kit, 'core', ['strategy']),
  half(objective, kit, 'surface', ['strategy']),
  {
    key: 'unit',
    agent: 'tester',
    priority: 'high',
    after: ['core', 'surface'],
    en: ['Write unit tests', kit.features.join(' ')],
    de: ['Unit-Tests schreiben', kit.features.join(' ')],
    files: paths(kit.unitTests),
  },
  {
    key: 'integration',
    agent: 'tester',
    priority: 'high',
    after: ['core', 'surface'],
    en: ['Write integration tests for the agreements', kit.contract.join('; ')],
    de: ['Integration-Tests der Abmachungen schreiben', kit.contract.join('; ')],
    files: paths(kit.integrationTests),
  },
  {
    key: 'coverage',
    agent: 'analyst',
    after: ['unit', 'integration'],
    en: ['Analyse the coverage', 'Which requirement has no test?'],
    de: ['Abdeckung analysieren', 'Welche Anforderung hat keinen Test?'],
  },
];
