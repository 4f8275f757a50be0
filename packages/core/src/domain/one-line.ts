/** Every sort of line break, with the white space around it. */
const BREAKS = /[^\S\n\r]*[\n\r\v\f\u0085\u2028\u2029]\s*/g;

/** A name as it is kept: line breaks are spaces, and there is none at either end. */
export function oneLine(text: string): string {
  return text.replace(BREAKS, ' ').trim();
}
