import { createHash } from 'node:crypto';
import { cutText } from '@claude-flow/core/domain/cut-text';
import type { Noun } from './words.ts';
import { asciiWords, capital, isContentWord, kebab, nounOf, plainWords } from './words.ts';

/** Kinds of project the brains can really produce. */
export type Family =
  | 'rest-api'
  | 'calculator'
  | 'chat'
  | 'collection'
  | 'creative'
  | 'comparison'
  | 'document';

export type Objective = {
  text: string;
  language: 'en' | 'de';
  family: Family;
  noun: Noun;
  /** One line, for headings. */
  title: string;
  /** For file and package names; never empty. */
  slug: string;
  /** Its telling words as written, without repeats; never empty. */
  keywords: string[];
  /** Extras that the words ask for. */
  wants: { auth: boolean };
};

/** Longest title before it is cut between words. */
const TITLE_LIMIT = 90;

const GERMAN = new Set(
  'der die das und ein eine einen für mit über schreibe erstelle baue entwickle vergleiche kurze kleine ich wir'.split(
    ' ',
  ),
);

const isGerman = (text: string): boolean => {
  if (/[äöüß]/i.test(text)) return true;
  return plainWords(text.toLowerCase()).filter((word) => GERMAN.has(word)).length >= 2;
};

const CREATIVE =
  /\b(haikus?|poems?|poetry|sonnets?|limericks?|lyrics|songs?|stor(?:y|ies)|fairy ?tales?|gedichte?|geschichten?|märchen|lieder)\b/i;
const CODE =
  /\b(apps?|applications?|programs?|scripts?|cli|library|tool|functions?|games?|websites?|dashboards?|bots?|software|services?|programm|anwendung|werkzeug|spiel|webseite)\b/i;
const LISTING =
  /\b(to-?dos?|task list|shopping list|trackers?|notes? app|inventory|einkaufsliste|aufgabenliste)\b/i;
const PROSE =
  /\b(report|essay|articles?|guide|plan|strategy|proposal|research|survey|study|summary|documentation|analysis|blog|paper|tutorial|policy|bericht|aufsatz|leitfaden|konzept|studie|zusammenfassung)\b/i;
const API = /\b(apis?|rest|backend|microservices?|endpoints?|schnittstelle)\b|rest-/i;

const familyOf = (text: string): Family => {
  if (CREATIVE.test(text) && !API.test(text)) return 'creative';
  if (/\b(chat|messenger|messaging)\b/i.test(text)) return 'chat';
  if (API.test(text)) return 'rest-api';
  if (/\b(calculator|(?:taschen)?rechner)\b/i.test(text)) return 'calculator';
  if (/\b(compare|comparison|versus|vs|vergleich|vergleiche)\b/i.test(text)) return 'comparison';
  if (LISTING.test(text)) return 'collection';
  if (PROSE.test(text) && !CODE.test(text)) return 'document';
  if (CODE.test(text) || /\b(build|implement|code|develop|refactor|entwickle|programmiere)\b/i.test(text)) {
    return 'collection';
  }
  return 'document';
};

/** Words that name a kind of software rather than its subject. */
const GENERIC = new Set(
  `build create implement develop make write design add code program refactor new simple small basic minimal modern fast
  complete full tiny fully rest restful http https api apis backend microservice microservices server service services
  system systems application app apps web website tool tools cli script library function functions management managing
  manage manager crud endpoint endpoints dashboard tracker tracking list lists catalog catalogue catalogs node nodejs
  javascript typescript json command line terminal game bot software project prototype platform database that which
  baue erstelle entwickle schreibe programmiere einfache einfachen einfaches kleine kleinen kleines verwaltung schnittstelle
  anwendung programm`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Generated code is in English, whatever the objective is written in. */
const TRANSLATED: Readonly<Record<string, string>> = {
  benutzer: 'user',
  nutzer: 'user',
  produkt: 'product',
  produkte: 'product',
  bestellung: 'order',
  bestellungen: 'order',
  aufgaben: 'task',
  buch: 'book',
  buecher: 'book',
  kunden: 'customer',
  rechnungen: 'invoice',
};

const subjectIn = (text: string): string | undefined =>
  asciiWords(text)
    .map((word) => (word.length > 12 ? word.replace(/verwaltung$/, '') : word))
    .map((word) => TRANSLATED[word] ?? word)
    .filter((word) => isContentWord(word) && !GENERIC.has(word) && !/^\d/.test(word))
    .at(-1);

/** What to do, as opposed to what it is about. */
const VERBS = new Set(
  'build create write make implement develop design add plan baue erstelle schreibe entwickle programmiere'.split(
    ' ',
  ),
);

const PHRASE_END = /\b(?:with|using|that|which|and|in|on|including|where|mit|die|und)\b|[,.;:(]/i;

/** `Build a REST API for user management with tests` -> `user`. */
const nounIn = (text: string): Noun => {
  const after = /\b(?:for|to manage|managing|of|für|zur|zum)\b\s+(.+)/i.exec(text)?.[1];
  const phrase = after?.split(PHRASE_END)[0];
  const before = text.split(/\bapis?\b|-api/i)[0];
  const found = [phrase, before, text].map((part) => (part === undefined ? undefined : subjectIn(part)));
  return nounOf(found.find((word) => word !== undefined) ?? 'item');
};

const titleOf = (text: string): string => {
  const line = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.!?]+$/, '');
  if (line.length <= TITLE_LIMIT) return capital(line);
  return `${capital(cutText(line, TITLE_LIMIT).replace(/\s+\S*$/, ''))} …`;
};

/** Reads an objective: language, kind of project, subject. Pure, so that every agent of a swarm agrees. */
export const analyseObjective = (raw: string): Objective => {
  const text = raw.trim() || 'Do something useful';
  const words = plainWords(text).filter((word) => isContentWord(word));
  const keywords = [...new Map(words.map((word) => [word.toLowerCase(), word])).values()];
  const ascii = asciiWords(text).filter((word) => isContentWord(word) && !VERBS.has(word));
  const subject = keywords.filter((word) => !VERBS.has(word.toLowerCase()));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 6);
  return {
    text,
    language: isGerman(text) ? 'de' : 'en',
    family: familyOf(text),
    noun: nounIn(text),
    title: titleOf(text),
    slug: kebab(ascii) || `project-${hash}`,
    keywords: subject.length > 0 ? subject : [cutText(text, 40)],
    wants: { auth: /\b(auth\w*|log-?in|tokens?|jwt|passw\w+|anmeld\w*)\b/i.test(text) },
  };
};
