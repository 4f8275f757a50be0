import { stripVTControlCharacters } from 'node:util';

/** C0 and C1 controls, and what turns the reading direction or hides in it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Foreign text (a model's, a user's) made fit for a terminal, in one line: no control character is left that could move
 * the cursor, change colours, set the title or write to the clipboard.
 */
export function safeLine(text: string): string {
  const spaced = stripVTControlCharacters(text).replace(/[\t\r\n\v\f\u2028\u2029]+/g, ' ');
  return spaced.replace(CONTROLS, '').toWellFormed().trim();
}

/** The same for text of several lines, whose line breaks stay. */
export function safeText(text: string): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) =>
      stripVTControlCharacters(line).replaceAll('\t', '  ').replace(CONTROLS, '').toWellFormed().trimEnd(),
    )
    .join('\n')
    .trim();
}
