import type { Kit } from '../kit.ts';
import type { Objective } from '../objective.ts';
import type { Step } from './step.ts';
import { half } from './step.ts';

/** Frame, gather from two sides, answer and advise, check. */
export const research = (objective: Objective, kit: Kit): Step[] => {
  const [first = '', second = first] = objective.keywords;
  const sides = ['background', 'alternatives'];
  return [
    {
      key: 'scope',
      agent: 'analyst',
      priority: 'high',
      en: ['Frame the question', `Say what “${objective.text}” asks and what it does not.`],
      de: ['Fragestellung eingrenzen', `Sagen, was „${objective.text}“ fragt und was nicht.`],
    },
    {
      key: 'background',
      agent: 'researcher',
      priority: 'high',
      after: ['scope'],
      en: [`Gather the background of ${first}`, `What is known about ${first}?`],
      de: [`Hintergrund zu ${first} sammeln`, `Was ist über ${first} bekannt?`],
    },
    {
      key: 'alternatives',
      agent: 'researcher',
      priority: 'high',
      after: ['scope'],
      en: [`Gather alternatives for ${second}`, `What else is there besides ${second}?`],
      de: [`Alternativen zu ${second} sammeln`, `Was gibt es außer ${second}?`],
    },
    half(objective, kit, 'core', sides),
    half(objective, kit, 'surface', sides),
    {
      key: 'review',
      agent: 'reviewer',
      after: ['core', 'surface'],
      en: ['Review the answer', 'Check every claim against what was gathered.'],
      de: ['Antwort prüfen', 'Jede Aussage am Gesammelten prüfen.'],
    },
  ];
};

/** Facts, two views of them, an answer, a check. */
export const analysis = (objective: Objective, kit: Kit): Step[] => [
  {
    key: 'facts',
    agent: 'researcher',
    priority: 'high',
    en: ['Collect the facts', `Everything needed to judge “${objective.text}”.`],
    de: ['Fakten sammeln', `Alles, was zum Urteil über „${objective.text}“ nötig ist.`],
  },
  {
    key: 'effort',
    agent: 'analyst',
    priority: 'high',
    after: ['facts'],
    en: ['Analyse figures and effort', 'What does each choice cost, and what does it bring?'],
    de: ['Zahlen und Aufwand analysieren', 'Was kostet jede Wahl, was bringt sie?'],
  },
  {
    key: 'risks',
    agent: 'analyst',
    priority: 'high',
    after: ['facts'],
    en: ['Analyse dangers', 'What can go wrong, and how would it show?'],
    de: ['Gefahren analysieren', 'Was kann schiefgehen, und woran zeigt es sich?'],
  },
  half(objective, kit, 'core', ['effort', 'risks']),
  half(objective, kit, 'surface', ['effort', 'risks']),
  {
    key: 'review',
    agent: 'reviewer',
    after: ['core', 'surface'],
    en: ['Review the conclusions', 'Does each conclusion follow from a fact?'],
    de: ['Schlüsse prüfen', 'Folgt jeder Schluss aus einem Faktum?'],
  },
];

/** What there is, three views of it at the same time, an order of what to do. */
export const review = (objective: Objective): Step[] => [
  {
    key: 'inventory',
    agent: 'researcher',
    priority: 'high',
    en: ['Make an inventory', `What belongs to “${objective.text}”, and where is it?`],
    de: ['Bestand aufnehmen', `Was gehört zu „${objective.text}“, und wo ist es?`],
  },
  {
    key: 'correctness',
    agent: 'reviewer',
    priority: 'critical',
    after: ['inventory'],
    en: ['Review for correctness', 'Where does it do something else than it says?'],
    de: ['Auf Richtigkeit prüfen', 'Wo tut es anderes, als es sagt?'],
  },
  {
    key: 'security',
    agent: 'reviewer',
    priority: 'critical',
    after: ['inventory'],
    en: ['Review for security', 'What could someone with bad intent do?'],
    de: ['Auf Sicherheit prüfen', 'Was könnte jemand mit böser Absicht tun?'],
  },
  {
    key: 'structure',
    agent: 'architect',
    priority: 'high',
    after: ['inventory'],
    en: ['Judge the structure', 'Which part is hard to change, and why?'],
    de: ['Struktur beurteilen', 'Welcher Teil ist schwer zu ändern, und warum?'],
  },
  {
    key: 'priorities',
    agent: 'analyst',
    priority: 'high',
    after: ['correctness', 'security', 'structure'],
    en: ['Set priorities', 'Order all findings by harm and effort.'],
    de: ['Prioritäten setzen', 'Alle Befunde nach Schaden und Aufwand ordnen.'],
  },
];
