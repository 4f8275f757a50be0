import { rmSync } from 'node:fs';
import { type PrivateRedis, startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeVerdict, type Verdict } from '../verdict.ts';
import { DROP_THE_FENCE, DROP_THE_SWEEP } from './plant.ts';
import { lateResult, lostJob } from './scenarios.ts';

/** The repaired run takes about three seconds; without its sweep the swarm never ends, however long one waits. */
const WITHOUT_SWEEP_MS = 12_000;
const WITH_SWEEP_MS = 60_000;

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis?.stop());

/** What was violated; the history of such a run is kept, and not needed here. */
function invariants(verdict: Verdict): string[] {
  rmSync(verdict.historyPath, { force: true });
  return [...new Set(verdict.violations.map(({ invariant }) => invariant))];
}

test('without the fence, a result that comes late is found as a second result; with it all is well', async () => {
  const [broken, sound] = await Promise.all([
    lateResult({ redis, bugs: DROP_THE_FENCE, seed: 1 }),
    lateResult({ redis, bugs: [], seed: 1 }),
  ]);
  expect(invariants(broken)).toEqual(expect.arrayContaining(['one result a task', 'terminal is final']));
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);

test('without the sweep, a lost job is found as a swarm that does not end; with it all is well', async () => {
  const [broken, sound] = await Promise.all([
    lostJob({ redis, bugs: DROP_THE_SWEEP, seed: 1, deadlineMs: WITHOUT_SWEEP_MS }),
    lostJob({ redis, bugs: [], seed: 1, deadlineMs: WITH_SWEEP_MS }),
  ]);
  expect(invariants(broken)).toEqual(['every swarm ends']);
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);
