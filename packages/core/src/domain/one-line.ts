/** Every sort of line break. */
const BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/;

/** A name as it is kept: line breaks, with the white space around them, are one space, and there is none at either end. */
export function oneLine(text: string): string {
  // Not by one expression that looks for white space before a break: from each blank of a long row it would look anew.
  const lines = text.split(BREAKS).map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** More is no name, however much of it is white space: it is refused for its length. */
const LONGEST_GIVEN = 4_000;

/** A name that somebody sends, whose length is looked at afterwards: of one that is far too long nothing is changed. */
export function nameLine(given: string): string {
  return given.length > LONGEST_GIVEN ? given : oneLine(given);
}
