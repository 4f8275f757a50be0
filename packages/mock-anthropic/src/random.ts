import { createHash } from 'node:crypto';

/** Deterministic choices: the same key always gives the same sequence. */
export type Random = {
  /** In [0, 1). */
  next: () => number;
  /** An integer in [low, high]. */
  between: (low: number, high: number) => number;
  /** One of the options, which must not be empty. */
  pick: <T>(options: readonly T[]) => T;
};

/** xorshift128 seeded from a hash of the key: fast enough for every streamed piece. */
export const seededRandom = (...key: ReadonlyArray<string | number>): Random => {
  const seed = createHash('sha256').update(key.join('\u0000')).digest();
  let a = seed.readUInt32LE(0);
  let b = seed.readUInt32LE(4);
  let c = seed.readUInt32LE(8);
  let d = seed.readUInt32LE(12) | 1;
  const next = (): number => {
    let t = d;
    const s = a;
    d = c;
    c = b;
    b = s;
    t ^= t << 11;
    t ^= t >>> 8;
    a = (t ^ s ^ (s >>> 19)) >>> 0;
    return a / 0x1_0000_0000;
  };
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (options) => {
      const choice = options[Math.floor(next() * options.length)];
      if (choice === undefined) throw new RangeError('pick() needs at least one option.');
      return choice;
    },
  };
};
