import { rmSync } from 'node:fs';
import { type PrivateRedis, startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeVerdict, type Verdict } from '../verdict.ts';
import { curious, hopping, leaving, stoppedWhileBusy, toldToStop } from './owner-scenarios.ts';
import {
  DROP_THE_LAST_TURN,
  DROP_THE_OWNER,
  DROP_THE_PLACE,
  DROP_THE_RETURN,
  DROP_THE_STOP,
} from './plant.ts';

/** Without the bug no call may come; past the two seconds in which one still may, and three tries of a second each. */
const WATCHED_MS = 5_000;
/** With it one comes within a second or two. */
const WATCHED_WITH_BUG_MS = 60_000;

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis?.stop());

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
    curious({ redis, bugs: DROP_THE_OWNER, seed: 1 }),
    curious({ redis, bugs: [], seed: 1 }),
  ]);
  expect(invariants(broken)).toContain('another owner sees nothing');
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);

test('a reader who gets everything again after a change of the API is found', async () => {
  const [broken, sound] = await Promise.all([
    hopping({ redis, bugs: DROP_THE_PLACE, seed: 1 }),
    hopping({ redis, bugs: [], seed: 1 }),
  ]);
  expect(invariants(broken)).toEqual(['event seq is 1..n per swarm without gap or repeat across reconnects']);
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);

test('calls that go on after a stop are found', async () => {
  const [broken, sound] = await Promise.all([
    stoppedWhileBusy({ redis, bugs: DROP_THE_STOP, seed: 1 }, WATCHED_WITH_BUG_MS),
    stoppedWhileBusy({ redis, bugs: [], seed: 1 }, WATCHED_MS),
  ]);
  expect(invariants(broken)).toEqual(['no model call begins after a stop']);
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);

test('a turn that a stopping worker throws away is found', async () => {
  const broken = await toldToStop({ redis, bugs: DROP_THE_LAST_TURN, seed: 1 });
  expect(invariants(broken)).toContain('a graceful stop pays no turn again');
  const sound = await toldToStop({ redis, bugs: [], seed: 1 });
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);

test('a place that a swarm keeps after its end is found', async () => {
  const [broken, sound] = await Promise.all([
    leaving({ redis, bugs: DROP_THE_RETURN, seed: 1 }, WITHOUT_RETURN_MS),
    leaving({ redis, bugs: [], seed: 1 }, WITH_RETURN_MS),
  ]);
  expect(broken.violations.map(({ seen }) => seen).join('\n')).toMatch(/^The queue still has .*:started/m);
  expect(invariants(broken)).toHaveLength(1);
  expect(sound.violations, describeVerdict(sound)).toEqual([]);
}, 120_000);
