import { setImmediate as othersGoFirst } from 'node:timers/promises';
import type { Steps } from '../domain/at-once.ts';
import { SLICE_MS } from './tunables.ts';

/** Runs long work a slice at a time; whatever else this process has to do has its turn in between. */
export async function inSlices<Result>(work: Steps<Result>): Promise<Result> {
  let began = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - began < SLICE_MS) continue;
    await othersGoFirst();
    began = performance.now();
  }
}
