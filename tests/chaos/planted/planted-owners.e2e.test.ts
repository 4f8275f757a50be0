import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ground, startGround } from '../harness/cluster.ts';
import { describeVerdict, type Verdict } from '../verdict.ts';
import { curious, hopping, leaving, stoppedWhileBusy, toldToStop } from './owner-scenarios.ts';
import {
  DROP_THE_LAST_TURN,
  DROP_THE_OWNER,
  DROP_THE_PLACE,
  DROP_THE_RETURN,
  DROP_THE_STOP,
} from './plant.ts';

/** Past the two seconds that calls may still come in. */
const WATCHED_MS = 4_500;

let ground: Ground;
beforeAll(async () => {
  ground = await startGround({ latencyMs: 5, seed: 1 });
});
afterAll(() => ground?.stop());

/** A place comes back with the next sweep; without that, never. */
const WITHOUT_RETURN_MS = 8_000;
const WITH_RETURN_MS = 40_000;

/** What was violated; the history of such a run is kept, and not needed here. */
function invariants(verdict: Verdict): string[] {
  rmSync(verdict.historyPath, { force: true });
  return [...new Set(verdict.violations.map(({ invariant }) => invariant))];
}

test('a swarm that is everybody’s is found', async () => {
  const [broken, sound] = await Promise.all([
    curious({ ground, bugs: DROP_THE_OWNER, seed: 1 }),
    curious({ ground, bugs: [], seed: 1 }),
  ]);
  expect(invariants(broken)).toContain('another owner sees nothing');
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);

test('a reader who gets everything again after a change of the API is found', async () => {
  const [broken, sound] = await Promise.all([
    hopping({ ground, bugs: DROP_THE_PLACE, seed: 1 }),
    hopping({ ground, bugs: [], seed: 1 }),
  ]);
  expect(invariants(broken)).toEqual(['event seq is 1..n per swarm without gap or repeat across reconnects']);
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);

test('calls that go on after a stop are found', async () => {
  const [broken, sound] = await Promise.all([
    stoppedWhileBusy({ ground, bugs: DROP_THE_STOP, seed: 1 }, WATCHED_MS),
    stoppedWhileBusy({ ground, bugs: [], seed: 1 }, WATCHED_MS),
  ]);
  expect(invariants(broken)).toEqual(['no model call begins after a stop']);
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);

test('a turn that a stopping worker throws away is found', async () => {
  const broken = await toldToStop({ ground, bugs: DROP_THE_LAST_TURN, seed: 1 });
  expect(invariants(broken)).toContain('a graceful stop pays no turn again');
  const sound = await toldToStop({ ground, bugs: [], seed: 1 });
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);

test('a place that a swarm keeps after its end is found', async () => {
  const [broken, sound] = await Promise.all([
    leaving({ ground, bugs: DROP_THE_RETURN, seed: 1 }, WITHOUT_RETURN_MS),
    leaving({ ground, bugs: [], seed: 1 }, WITH_RETURN_MS),
  ]);
  expect(broken.violations.map(({ seen }) => seen).join()).toMatch(/^The queue still has .*:started/);
  expect(invariants(broken)).toHaveLength(1);
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);
