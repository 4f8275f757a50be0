import { createHash } from 'node:crypto';
import { cutText } from '@claude-flow/core/domain/cut-text';
import { algorithmIn } from './algorithms.ts';
import { codeIn, countIn, filesAsked, languageIn, quotedIn } from './asked.ts';
import { figuresIn } from './figures.ts';
import type { Language } from './language-code.ts';
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
  | 'fix'
  | 'translation'
  | 'script'
  | 'page'
  | 'report'
  /** None of these: the answer's shape, and a plain word that it is no more. */
  | 'shape';

export type Objective = {
  text: string;
  language: Language;
  family: Family;
  noun: Noun;
  /** One line, for headings. */
  title: string;
  /** For file and package names; never empty. */
  slug: string;
  /** Its telling words as written, without repeats; never empty. */
  keywords: string[];
  /** Files that it asks for by name. */
  files: string[];
  /** How many things it asks for; null when it does not say. */
  count: number | null;
  /** Extras that the words ask for. */
  wants: { auth: boolean };
};

/** Longest title before it is cut between words. */
const TITLE_LIMIT = 90;

const CREATIVE = /\b(haikus?|poems?|poetry|stor(?:y|ies)|fairy ?tales?|gedichte?|geschichten?|märchen)\b/i;
const LISTING =
  /\b(to-?dos?|task list|shopping list|trackers?|notes? app|inventory|einkaufsliste|aufgabenliste)\b/i;
const API = /\b(apis?|rest|backend|microservices?|endpoints?|schnittstelle)\b|rest-/i;
const FIX =
  /\b(fix\w*|bugs?|debug\w*|repair\w*|correct|wrong|broken|korrigier\w*|reparier\w*|behebe?|fehler\w*|arregl\w*|corrig\w*|repara\w*)\b/i;
const TRANSLATE = /\b(translat\w*|traduc\w*|traduz\w*)\b|übersetz/i;
const PAGE =
  /\b(landing ?-?pages?|home ?-?pages?|web ?-?pages?|websites?|one-?pager|startseite|webseite|landingpage|página|sitio web)/i;
const REPORT =
  /\b(reports?|summar\w*|analy[sz]e|figures|numbers|sales|revenue|totals?|averages?|bericht\w*|auswert\w*|zahlen|umsatz\w*|informe|resum\w*|ventas|cifras)\b/i;
const COMPARE = /\b(compar\w*|versus|vs|vergleich\w*)\b/i;
const PYTHON = /\bpython3?\b|\.py\b/i;
/** Languages and platforms that no kit writes: what is asked for must not come out as JavaScript. */
const FOREIGN =
  /\b(typescript|java|kotlin|swift|golang|go|rust|ruby|rails|php|laravel|perl|c\+\+|c#|\.net|scala|haskell|elixir|bash|powershell|sql|flask|django|fastapi|react|vue|angular|svelte|android|ios|unity|excel)(?![\p{L}\p{N}])/iu;
const PROGRAM =
  /\b(scripts?|programs?|functions?|code|tool|skripte?|programme?|funktion\w*|funci[oó]n\w*|programa)\b/i;

/** In this order: what a request is about most plainly decides. */
const familyOf = (text: string, language: Language): Family => {
  const code = codeIn(text);
  if (code !== null && FIX.test(text.replace(code, ''))) return 'fix';
  if (TRANSLATE.test(text) && quotedIn(text) !== null) return 'translation';
  if (CREATIVE.test(text) && !API.test(text)) return language === 'es' ? 'shape' : 'creative';
  if (COMPARE.test(text)) return language === 'es' ? 'shape' : 'comparison';
  const python = PYTHON.test(text);
  if ((python || PROGRAM.test(text)) && !API.test(text) && !(FOREIGN.test(text) && !python)) {
    if (python) return 'script';
    if (algorithmIn(text) !== undefined) return 'script';
  }
  if (python || FOREIGN.test(text)) return 'shape';
  if (PAGE.test(text)) return 'page';
  if (/\b(chat|messenger|messaging)\b/i.test(text)) return language === 'es' ? 'shape' : 'chat';
  if (API.test(text)) return language === 'es' ? 'shape' : 'rest-api';
  if (/\b(calculator|(?:taschen)?rechner)\b/i.test(text)) return 'calculator';
  if (LISTING.test(text) && language !== 'es') return 'collection';
  if (REPORT.test(text) && figuresIn(text).length >= 2) return 'report';
  return 'shape';
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
  const language = languageIn(text);
  const files = filesAsked(text);
  // Their names are no subject.
  const about = files.reduce((rest, file) => rest.replaceAll(file, ' '), text);
  const words = plainWords(about).filter((word) => isContentWord(word));
  const keywords = [...new Map(words.map((word) => [word.toLowerCase(), word])).values()];
  const ascii = asciiWords(about).filter((word) => isContentWord(word) && !VERBS.has(word));
  const subject = keywords.filter((word) => !VERBS.has(word.toLowerCase()));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 6);
  return {
    text,
    language,
    family: familyOf(text, language),
    noun: nounIn(text),
    title: titleOf(text),
    slug: kebab(ascii) || `project-${hash}`,
    keywords: subject.length > 0 ? subject : [cutText(text, 40)],
    files,
    count: countIn(text),
    wants: { auth: /\b(auth\w*|log-?in|tokens?|jwt|passw\w+|anmeld\w*)\b/i.test(text) },
  };
};
