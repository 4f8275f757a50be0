/** Letters added, left out, replaced, or swapped with their neighbour; Infinity for more than two letters' difference in length. */
export function slipsBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[other.length] ?? 0;
}

/** Longer names are nobody's slip. */
const LONGEST = 64;
/** In names this short every letter counts. */
const SHORT = 5;
const LONG = 10;

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/**
 * The name that was probably meant: the same but for capitals and separators, or with a slip or two.
 * @param names as they are to be written
 */
export function nearName(given: string, names: readonly string[]): string | undefined {
  if (given.length > LONGEST) return undefined;
  const bare = plain(given);
  const same = names.find((name) => plain(name) === bare);
  if (same !== undefined) return same;
  let best: { name: string; slips: number } | undefined;
  for (const name of names) {
    const slips = slipsBetween(bare, plain(name));
    const most = name.length < SHORT ? 0 : name.length < LONG ? 1 : 2;
    if (slips <= most && (best === undefined || slips < best.slips)) best = { name, slips };
  }
  return best?.name;
}
