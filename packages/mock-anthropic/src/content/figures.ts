/** A figure of a request, with what it is of. */
export type Figure = { label: string; value: number; text: string };

const NUMBER = String.raw`-?\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d+)?|-?\d+(?:[.,]\d+)?`;
const LABELLED = new RegExp(
  String.raw`([\p{L}][\p{L}\p{N}&/.-]*(?: [\p{L}\p{N}&/.-]+)?)\s*(?:[:=]\s*|\s)(?:[$€£]\s?)?(${NUMBER})(?![\p{L}\p{N}])`,
  'gu',
);
const BARE = new RegExp(String.raw`(?<![\p{L}\p{N}.,])(${NUMBER})(?![\p{L}\p{N}])`, 'gu');

/** `1,200.50`, `1.200,50`, `1200`: a group of three behind one separator is thousands. */
const numberOf = (text: string): number => {
  const plain = text.replace(/[' ]/g, '');
  const last = Math.max(plain.lastIndexOf('.'), plain.lastIndexOf(','));
  if (last < 0) return Number(plain);
  const separators = plain.match(/[.,]/g) ?? [];
  const decimals = plain.length - last - 1;
  const thousands = decimals === 3 && new Set(separators).size === 1;
  const whole = (thousands ? plain : plain.slice(0, last)).replace(/[.,]/g, '');
  return Number(thousands ? whole : `${whole}.${plain.slice(last + 1)}`);
};

/** Words that lead up to figures and name none. */
const LEADING =
  /^(?:over|of|for|the|and|with|from|in|are|were|is|was|sales|figures|numbers|report|on|about|und|von|für|mit|im|den|die|der|zahlen|umsatz|umsätze|bericht|über|y|de|las|los|con|ventas|informe|sobre)\s+/i;

/** `Q1 120, Q2 150, Q3: 90` or just `120, 150 and 90`. Dates and counts of things (`three points`) are none. */
export const figuresIn = (text: string): Figure[] => {
  // What follows the last colon that has figures behind it is the data; else all of it.
  const labelled = [...text.matchAll(LABELLED)].flatMap((match) => {
    let label = match[1] ?? '';
    while (LEADING.test(label)) label = label.replace(LEADING, '');
    const value = match[2] ?? '';
    return /^(top|in|by|at|least|most|within|to|and|und|y|or)$/i.test(label)
      ? []
      : [{ label, value: numberOf(value), text: value }];
  });
  if (labelled.length >= 2) return labelled;
  const bare = [...text.matchAll(BARE)].map((match) => match[1] ?? '');
  return bare.length < 2
    ? []
    : bare.map((value, index) => ({ label: `${index + 1}`, value: numberOf(value), text: value }));
};
