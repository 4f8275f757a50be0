import { afterAll, beforeAll, expect, test } from 'vitest';
import { fuzzBodies } from './modes/bodies.ts';
import { fuzzBytes } from './modes/bytes.ts';
import { fuzzFloods } from './modes/floods.ts';
import { fuzzFrames } from './modes/frames.ts';
import { fuzzReaders } from './modes/readers.ts';
import { fuzzRequests } from './modes/requests.ts';
import { describeVerdict, type Verdict } from './run.ts';
import { IMPATIENCE, startTarget, type Target } from './target/target.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget(IMPATIENCE);
});
afterAll(() => target?.stop());

const modes: [name: string, fuzz: typeof fuzzRequests, runs: number][] = [
  ['requests made from the contract, with faults of every kind', fuzzRequests, 60],
  ['raw connections', fuzzBytes, 2],
  ['WebSocket frames', fuzzFrames, 4],
  ['the largest bodies', fuzzBodies, 12],
  ['readers that do not read', fuzzReaders, 1],
  ['floods of frames', fuzzFloods, 2],
];

test.each(modes)(
  '%s: no 5xx, no hang, nothing that is not described',
  async (_name, fuzz, runs) => {
    const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_101);
    const verdict: Verdict = await fuzz(target, { seed, runs, say: () => {} });
    expect(verdict.failure, describeVerdict(verdict)).toBeUndefined();
  },
  120_000,
);
