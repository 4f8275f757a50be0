import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import type { Target } from './target/target.ts';

export interface RunOptions {
  /** Repeats the choices of an earlier run. */
  seed?: number;
  /** How many things are tried. */
  runs: number;
  /** Of a failure, as it was printed: that one alone. */
  path?: string;
  /** Goes on after a fault and gives one example of each kind, instead of shrinking the first one. */
  survey?: boolean;
  say(text: string): void;
}

export interface Verdict {
  mode: string;
  seed: number;
  runs: number;
  /** A report for a person; undefined when nothing was found. */
  failure: string | undefined;
  /** Megabytes of each API at the end. */
  memory: number[];
  /** What the mode measured, for a person. */
  figures?: string;
}

/** An API that serves strangers stays below this, however long: V8's own garbage included, bytes. */
const MAX_MEMORY = 768 * 1024 * 1024;
/** So often what requests have used up is made anew. */
const RENEW_EVERY = 60;
/** Characters of a counterexample. */
const MAX_REPORT = 4_000;
const MEGABYTE = 1024 * 1024;

/** Tries things that fast-check makes up, and shrinks what fails. `attempt` throws for a fault. */
export async function explore<T>(
  mode: string,
  target: Target,
  arbitrary: fc.Arbitrary<T>,
  attempt: (thing: T, place: number) => Promise<void>,
  options: RunOptions,
): Promise<Verdict> {
  const seed = options.seed ?? randomInt(2 ** 31);
  const kinds = new Map<string, string>();
  let place = 0;
  const check = async (thing: T) => {
    await attempt(thing, place);
    const complaints = target.complaints();
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  };
  const property = fc.asyncProperty(arbitrary, async (thing) => {
    place += 1;
    if (place % RENEW_EVERY === 0) await target.renew();
    if (options.survey !== true) return check(thing);
    await check(thing).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      for (const line of text.split('\n')) kinds.set(kindOf(line), line);
    });
  });
  options.say(`fuzz ${mode}: seed ${seed}, ${options.runs} runs`);
  const details = await fc.check(property, {
    seed,
    numRuns: options.runs,
    ...(options.path === undefined ? {} : { path: options.path }),
  });
  const memory = await target.memory();
  const tooMuch = memory.filter((bytes) => bytes > MAX_MEMORY);
  const verdict = {
    mode,
    seed,
    runs: details.numRuns,
    memory: memory.map((each) => Math.round(each / MEGABYTE)),
  };
  if (details.failed) return { ...verdict, failure: reportOf(details) };
  if (kinds.size > 0) return { ...verdict, failure: [...kinds.values()].join('\n') };
  if (tooMuch.length > 0) {
    return { ...verdict, failure: `An API takes more than ${MAX_MEMORY / MEGABYTE} MB.` };
  }
  const left = await target.streamsLeft();
  const failure = left > 0 ? `${left} streams stay open whose readers have gone.` : undefined;
  return { ...verdict, failure };
}

/** Faults that differ only in what was asked for are the same one. */
const kindOf = (fault: string) =>
  fault
    .replace(/^\w+ \S+: /, '')
    .replace(/[\d"'].*$/, '')
    .slice(0, 60) + (/\b[45]\d\d\b.*/.exec(fault)?.[0].slice(0, 40) ?? '');

function reportOf<T>({
  seed,
  counterexamplePath,
  counterexample,
  errorInstance,
}: fc.RunDetails<[T]>): string {
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const what = JSON.stringify(counterexample?.[0], null, 1).slice(0, MAX_REPORT);
  return `FUZZ_SEED=${seed} FUZZ_PATH=${counterexamplePath}\n${why}\n${what}`;
}

export function describeVerdict({ mode, seed, runs, memory, figures, failure }: Verdict): string {
  const end = failure === undefined ? 'nothing found' : `FOUND\n${failure}`;
  const measured = figures === undefined ? '' : `, ${figures}`;
  return `fuzz ${mode}: ${runs} runs, seed ${seed}, APIs at ${memory.join(' and ')} MB${measured}: ${end}`;
}
