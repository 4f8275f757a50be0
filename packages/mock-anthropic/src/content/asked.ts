import type { Language } from './language-code.ts';
import { plainWords } from './words.ts';

/** What a request says about its answer, apart from its subject: language, files, how many. */

const GERMAN = new Set(
  'der die das und ein eine einen für mit über schreibe erstelle baue entwickle vergleiche übersetze kurze kleine ich wir auf ist bitte'.split(
    ' ',
  ),
);
const SPANISH = new Set(
  'el la los las un una unos para con que por escribe crea haz traduce compara arregla explica sobre tres dos página informe'.split(
    ' ',
  ),
);

const NAMED_LANGUAGE: ReadonlyArray<[RegExp, Language]> = [
  [/\b(?:in|auf|en)\s+(?:german|deutsch|alemán)\b/i, 'de'],
  [/\b(?:in|auf|en)\s+(?:spanish|spanisch|español)(?!\p{L})/iu, 'es'],
  [/\b(?:in|auf|en)\s+(?:english|englisch|inglés)(?!\p{L})/iu, 'en'],
];

/** Code and quotations are no evidence of the language that the request is written in. */
const prose = (text: string): string =>
  text.replace(/```[\s\S]*?```|`[^`]*`|"[^"]*"|“[^”]*”|„[^“]*“|«[^»]*»/g, ' ');

/** How requests begin. */
const GERMAN_START =
  /^(schreibe?|erstelle|baue|entwickle|vergleiche|übersetze|repariere|korrigiere|behebe|nenne|gib|erkläre|plane|mache?|fasse|finde|zeige?)$/;
const SPANISH_START =
  /^(escribe|crea|haz|traduce|compara|arregla|corrige|repara|explica|resume|dame|planea|planifica|busca|muestra)$/;

const spokenIn = (text: string): Language => {
  const words = plainWords(prose(text).toLowerCase());
  const [start = ''] = words;
  if (GERMAN_START.test(start)) return 'de';
  if (SPANISH_START.test(start)) return 'es';
  if (/[ñ¿¡áéíó]/i.test(prose(text)) && words.some((word) => SPANISH.has(word))) return 'es';
  if (words.filter((word) => SPANISH.has(word)).length >= 3) return 'es';
  if (/[äöüß]/i.test(prose(text)) || words.filter((word) => GERMAN.has(word)).length >= 2) return 'de';
  return 'en';
};

/** The language to answer in: the one that is asked for by name, else that of the request. */
export const languageIn = (text: string): Language =>
  NAMED_LANGUAGE.find(([pattern]) => pattern.test(prose(text)))?.[1] ?? spokenIn(text);

const PATH =
  /(?<![\w./\\:@-])((?:[A-Za-z0-9_-]+\/){0,6}[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){0,2}\.(?:md|txt|html?|py|m?js|ts|json|csv|ya?ml|sh|sql|css|go|rs|rb|java|xml|toml))(?![\w/\\])/gi;
const PRODUCT = /^(node|vue|next|nuxt|express|three|d3|react|angular|chart|p5|ember|backbone)\.js$/i;
/** What stands before a file that is to be made, as opposed to one that is to be read. */
const MAKES =
  /\b(writes?|create|make|add|save|store|put|fix|into|to|as|in|called|named|file|schreib\w*|erstell\w*|speicher\w*|korrigier\w*|als|unter|nach|namens|datei|escrib\w*|crea\w*|guard\w*|en|como|llamad[oa]|archivo|fichero)\s+(?:(?:it|them|a|an|the|one|file|all|es|alles|die|das|eine?|datei|named|called|lo|el|un|archivo)\s+){0,3}[`"'“„«]?$/i;

/** The files that a text asks for, in its order. Nothing that leads out of the workspace is one. */
export const filesAsked = (text: string): string[] => {
  const found: string[] = [];
  for (const match of text.matchAll(PATH)) {
    const path = match[1] ?? '';
    if (PRODUCT.test(path) || path.length > 100) continue;
    if (MAKES.test(text.slice(Math.max(0, match.index - 40), match.index))) found.push(path);
  }
  return [...new Set(found)];
};

const NUMBERS = new Map(
  [
    'one two three four five six seven eight nine ten',
    'eins zwei drei vier fünf sechs sieben acht neun zehn',
    'uno dos tres cuatro cinco seis siete ocho nueve diez',
  ].flatMap((line) => line.split(' ').map((word, index) => [word, index + 1] as const)),
);
const MAX_COUNT = 50;

const COUNTED =
  /(?<!\p{L})(?:in|with|mit|en|con|list|name|give|nenne|gib|auf)\s+(?:me\s+|mir\s+)?(\p{L}+|\d{1,2})(?=\s+\p{L})/giu;

/** How many things are asked for, as in `Write three haikus` or `in five points`; null when it does not say. */
export const countIn = (text: string): number | null => {
  const words = prose(text);
  for (let at = 0; at < 3; at += 1) {
    const word = new RegExp(`^\\W*(?:\\p{L}+\\s+){${at}}(\\p{L}+|\\d{1,2})(?=\\s+\\p{L})`, 'u').exec(
      words,
    )?.[1];
    const count = numberIn(word);
    if (count !== null) return count;
  }
  for (const match of words.matchAll(COUNTED)) {
    const count = numberIn(match[1]);
    if (count !== null) return count;
  }
  return null;
};

const numberIn = (word: string | undefined): number | null => {
  if (word === undefined) return null;
  const count = /^\d/.test(word) ? Number(word) : NUMBERS.get(word.toLowerCase());
  return count !== undefined && count >= 1 && count <= MAX_COUNT ? count : null;
};

/** Code that a request brings along: between fences, between backquotes, or after a colon when it looks like code. */
export const codeIn = (text: string): string | null => {
  const fenced = /```[^\n`]*\n([\s\S]*?)```/.exec(text)?.[1] ?? /```([\s\S]*?)```/.exec(text)?.[1];
  if (fenced !== undefined) return fenced.trimEnd();
  const quoted = /`([^`]{6,})`/.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  const rest = /:\s+([\s\S]{6,})$/.exec(text)?.[1]?.trim();
  return rest !== undefined &&
    /[;{}()=]/.test(rest) &&
    /\b(def|function|return|for|if|while|const|let|var|print|console)\b/.test(rest)
    ? rest
    : null;
};

/** The text that a request quotes, or that follows its colon. */
export const quotedIn = (text: string): string | null =>
  /"([^"]+)"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|(?<=\s)'(.+?)'(?=[\s.,;!?]|$)/
    .exec(text)
    ?.slice(1)
    .find((part) => part !== undefined)
    ?.trim() ??
  /:\s+(\S[\s\S]*)$/.exec(text)?.[1]?.trim() ??
  null;
