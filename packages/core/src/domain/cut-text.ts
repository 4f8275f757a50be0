/** How far before the limit a cluster (an emoji of several characters, a letter with its accents) is looked for. */
const CLUSTER_REACH = 64;

const clusters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The beginning of a text, at most `max` UTF-16 units long, that never ends inside a character: half of a surrogate pair
 * is no JSON to strict readers, and model providers answer it with a 400. Where it can be had cheaply, it does not end
 * inside what people see as one character either. Always well formed, whatever was given.
 * @param ending added when something was cut; not counted
 */
export function cutText(text: string, max: number, ending = ''): string {
  if (text.length <= max) return text.toWellFormed();
  return text.slice(0, placeToCut(text, max)).toWellFormed() + ending;
}

/** The last place at or before `max`, which lies inside the text, where no character is cut in two. */
function placeToCut(text: string, max: number): number {
  if (max <= 0) return 0;
  const at = isInsidePair(text, max) ? max - 1 : max;
  const from = Math.max(0, at - CLUSTER_REACH);
  const start = isInsidePair(text, from) ? from + 1 : from;
  const around = text.slice(start, at + CLUSTER_REACH);
  const cluster = clusters.segment(around).containing(at - start);
  const begin = start + (cluster?.index ?? at - start);
  // A cluster that fills all that is looked at, or all there is room for, has to be cut between its characters.
  return begin > start || (begin === 0 && at === 0) ? begin : at;
}

/** Is this place between the two halves of a surrogate pair? */
function isInsidePair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
}
