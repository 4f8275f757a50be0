import { z } from 'zod';

const ON = ['true', '1', 'yes', 'on'];
const OFF = ['false', '0', 'no', 'off'];

/** The one reading of a yes or no, for every entry. @returns undefined for anything that is neither */
export function readBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return ON.includes(word) ? true : OFF.includes(word) ? false : undefined;
}

export const booleanFault = (name: string) => `${name} must be true or false (also: 1, 0, yes, no, on, off).`;

export const booleanField = (name: string) =>
  z.string().transform((text, context) => {
    const value = readBoolean(text);
    if (value === undefined) context.addIssue({ code: 'custom', message: booleanFault(name) });
    return value ?? false;
  });

/** One of a few words, in any case. */
export const wordField = <Word extends string>(words: readonly Word[], fault: (given: string) => string) =>
  z.string().transform((text, context): Word => {
    const word = words.find((each) => each === text.trim().toLowerCase());
    if (word !== undefined) return word;
    context.addIssue({ code: 'custom', message: fault(text) });
    return words[0] as Word;
  });

const ENVIRONMENTS = ['development', 'production', 'test'] as const;
/** What people write instead. */
const MEANT: Record<string, (typeof ENVIRONMENTS)[number]> = {
  prod: 'production',
  live: 'production',
  dev: 'development',
  local: 'development',
  testing: 'test',
};

export const nodeEnvField = wordField(ENVIRONMENTS, (given) => {
  const meant = MEANT[given.trim().toLowerCase()];
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return `NODE_ENV must be one of production, development, test.${hint}`;
});
