const TRANSLITERATE: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  æ: 'ae',
  ø: 'o',
};

/** Words that say nothing about the subject, in the two languages the brains write. */
const STOP_WORDS = new Set(
  `a an and the of for to in on at by with from into over about as is are be been it its this that these those their
  our your my me us we you i or nor not no but if then than so such very more most some any all each every per via
  please can could should would will shall must may might do does did has have having using use used uses make makes
  der die das den dem des ein eine einen einem einer eines und oder für von mit zu zum zur im in am an auf bei aus
  über unter nach vor ist sind war wird werden als auch nicht kein keine wie was wir ihr sie er es bitte soll kann`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

const UNCOUNTABLE = new Set(
  'weather music news data information traffic inventory software content money health fitness equipment'.split(
    ' ',
  ),
);

/** Lower case ASCII words; empty for scripts that cannot be spelled that way. */
export const asciiWords = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/[äöüßæø]/g, (letter) => TRANSLITERATE[letter] ?? letter)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

/** The words of a text as written, in any script, without punctuation. */
export const plainWords = (text: string): string[] =>
  text.match(/[\p{L}\p{N}]+(?:[-'’][\p{L}\p{N}]+)*/gu) ?? [];

/** Whether a word carries meaning of its own. */
export const isContentWord = (word: string): boolean =>
  word.length > 2 && !STOP_WORDS.has(word.toLowerCase());

/** `user accounts` -> `user-accounts`, at most so many characters, cut between words. */
export const kebab = (words: readonly string[], limit = 40): string => {
  let slug = '';
  for (const word of words) {
    const next = slug === '' ? word : `${slug}-${word}`;
    if (next.length > limit) break;
    slug = next;
  }
  return slug || (words[0] ?? '').slice(0, limit);
};

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `user account` -> `UserAccount`. */
export const pascal = (words: readonly string[]): string => words.map(capital).join('');

/** English singular of a lower-case word, by the common rules. */
const singular = (word: string): string => {
  if (/(ss|us|is|news)$/.test(word) || word.length < 4) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(ches|shes|sses|xes)$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') ? word.slice(0, -1) : word;
};

/** English plural of a lower-case singular, by the common rules. */
const plural = (word: string): string => {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (/(s|x|ch|sh)$/.test(word)) return `${word}es`;
  return `${word}s`;
};

/** A thing the project is about, in all spellings that generated code and prose need. */
export type Noun = {
  /** `user` */
  one: string;
  /** `users` */
  many: string;
  /** `User`, an identifier */
  One: string;
  /** `Users`, an identifier */
  Many: string;
  /** `users`, for paths and URLs */
  slug: string;
};

/** The noun for an English word. An identifier in generated code never starts with a digit. */
export const nounOf = (word: string): Noun => {
  const safe = /^[a-z]/.test(word) ? word : 'item';
  const words = UNCOUNTABLE.has(safe) ? [safe, 'entry'] : [singular(safe)];
  const last = words.at(-1) ?? 'item';
  const many = [...words.slice(0, -1), plural(last)];
  return {
    one: words.join(' '),
    many: many.join(' '),
    One: pascal(words),
    Many: pascal(many),
    slug: many.join('-'),
  };
};
