import { cutText } from '@claude-flow/core/domain/cut-text';

/** Words with which people begin to ask for something; what they ask for comes after them. */
const OPENING = new Set(
  (
    'please can could you would i we want need to build create write make develop implement design produce generate ' +
    'prepare research analyze analyse investigate explore test review check audit a an the some me us our my new'
  ).split(' '),
);
const MAX_WORDS = 7;
const MAX_LENGTH = 60;
/** "X for Y" reads "Y X" when Y is this short. */
const MAX_PURPOSE_WORDS = 4;

/** A short title for people: "Build a REST API for user management" -> "User Management REST API Swarm". */
export function swarmName(objective: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a title is one line
  const text = objective.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  const [clause = ''] = text.split(/[.!?;:,](?:\s|$)/, 1);
  const words = clause.split(/\s+/).filter(Boolean);
  while (words.length > 1 && OPENING.has((words[0] ?? '').toLowerCase())) words.shift();
  const title = purposeFirst(words).slice(0, MAX_WORDS).map(capitalised).join(' ');
  return `${shortened(title) || 'Untitled'} Swarm`;
}

function purposeFirst(words: string[]): string[] {
  const at = words.findIndex((word) => word.toLowerCase() === 'for');
  if (at < 1) return words;
  const purpose = words.slice(at + 1);
  while (OPENING.has((purpose[0] ?? '').toLowerCase())) purpose.shift();
  if (purpose.length === 0 || purpose.length > MAX_PURPOSE_WORDS) return words;
  return [...purpose, ...words.slice(0, at)];
}

/** Only a word all in small letters: REST, iOS and GraphQL stay as they are. */
function capitalised(word: string): string {
  return word === word.toLowerCase() ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}

function shortened(title: string): string {
  return title.length <= MAX_LENGTH ? title : `${cutText(title, MAX_LENGTH).trimEnd()}…`;
}
