/**
 * Work that can be interrupted: a generator that yields wherever others may have their turn, and returns its result. Run it whole with
 * `atOnce`, or a slice at a time with `inSlices` (`runtime/in-slices.ts`).
 */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Runs all of it without a pause: for work that is known to be small, and where nobody else waits. */
export function atOnce<Result>(work: Steps<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
