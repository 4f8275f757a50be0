import { startTestRedis } from '@claude-flow/testing/redis';
import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { newSwarmId } from '../../src/domain/ids.ts';
import type { Ledger } from '../../src/store/ledger.ts';
import { openLedger } from '../ledger-fixture.ts';
import { takeAtOnce } from './at-once.ts';
import { aWish, stepOf, type Wish, type World } from './draw.ts';
import { aPlan, aSize, aStage, type STAGES } from './graphs.ts';
import { MODEL_TIMEOUT_MS, runParameters } from './replay.ts';
import { finish, type Run, take, takeAgain } from './runner.ts';
import { type Step, steps } from './steps.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
/** Each with a connection of its own. */
let others: Ledger[];
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis.url, redis.prefix);
  others = await Promise.all([1, 2, 3].map(() => openLedger(redis.url, redis.prefix)));
});
afterAll(async () => {
  for (const one of [ledger, ...(others ?? [])]) one?.redis.disconnect();
  await redis?.stop();
});

/** Some ten seconds together where nothing else runs. */
const RUNS = 300;
const RUNS_AT_ONCE = 150;

const beginning = { size: aSize, plan: aPlan, stage: aStage };
// Without bias: long stories as often as short ones.
const wishes = (maxLength: number) => fc.noBias(fc.array(aWish, { minLength: 1, maxLength, size: 'max' }));

test('whatever commands come, the ledger does what the model says', { timeout: MODEL_TIMEOUT_MS }, () =>
  fc.assert(
    fc.asyncProperty(fc.record({ ...beginning, wishes: wishes(80) }), async (story) => {
      const run = await begin(story);
      for (const wish of story.wishes) await grant(run, wish);
      await finish(run);
    }),
    runParameters(RUNS),
  ),
);

const groups = fc.array(fc.array(aWish, { minLength: 2, maxLength: 3 }), {
  minLength: 1,
  maxLength: 8,
  size: 'max',
});

test('commands at the same moment do what some order of them does', { timeout: MODEL_TIMEOUT_MS }, () =>
  fc.assert(
    fc.asyncProperty(fc.record({ ...beginning, wishes: wishes(25), groups }), async (story) => {
      const run = await begin(story);
      for (const wish of story.wishes) await grant(run, wish);
      for (const group of story.groups) {
        const drawn = group.filter(isOrdered).map((wish) => stepOf(run.world, wish));
        await takeAtOnce(
          run,
          others,
          drawn.filter((step) => step !== undefined),
        );
      }
      await finish(run);
    }),
    runParameters(RUNS_AT_ONCE),
  ),
);

/**
 * Not what is several commands (a delete: its races have tests of their own), and not what leaves nothing behind that tells
 * in which order it was done.
 */
function isOrdered({ kind }: Wish): boolean {
  return !['delete', 'store-artifact', 'the plan lease ends', 'the deadline passes'].includes(kind);
}

interface Beginning {
  size: World['size'];
  plan: World['plan'];
  stage: (typeof STAGES)[number];
}

/** A new swarm on both sides, as far as its story begins. */
async function begin({ size, plan, stage }: Beginning): Promise<Run> {
  const world: World = { model: { swarm: undefined, told: [] }, claims: [], plan, size };
  const run: Run = { ledger, swarmId: newSwarmId(Date.now()), world, seen: 0, done: [] };
  const created = steps.create(size);
  const planned = steps.storePlan('planner-0', plan);
  const opening: Record<typeof stage, Step[]> = {
    nothing: [],
    planning: [created],
    'start remembered': [created, steps.start()],
    ready: [created, planned],
    executing: [created, planned, steps.start()],
  };
  for (const step of opening[stage]) await take(run, step);
  return run;
}

async function grant(run: Run, wish: Wish): Promise<void> {
  if (wish.kind === 'again') return takeAgain(run);
  const step = stepOf(run.world, wish);
  if (step !== undefined) await take(run, step);
}
