import { startTestRedis } from '@claude-flow/testing/redis';
import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { newSwarmId } from '../../src/domain/ids.ts';
import type { Ledger } from '../../src/store/ledger.ts';
import { openLedger } from '../ledger-fixture.ts';
import { aWish, stepOf, type Wish, type World } from './draw.ts';
import { aPlan, aSize, aStage } from './graphs.ts';
import { MODEL_TIMEOUT_MS, runParameters } from './replay.ts';
import { finish, type Run, take, takeAgain } from './runner.ts';
import { steps } from './steps.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis.url, redis.prefix);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await redis?.stop();
});

const RUNS = 600;

const story = fc.record({
  size: aSize,
  plan: aPlan,
  stage: aStage,
  wishes: fc.array(aWish, { minLength: 1, maxLength: 60, size: 'max' }),
});

test('whatever commands come, the ledger does what the model says', { timeout: MODEL_TIMEOUT_MS }, () =>
  fc.assert(
    fc.asyncProperty(story, async ({ size, plan, stage, wishes }) => {
      const world: World = { model: { swarm: undefined, told: [] }, claims: [], plan, size };
      const run: Run = { ledger, swarmId: newSwarmId(Date.now()), world, seen: 0, done: [] };
      for (const step of opening(world, stage)) await take(run, step);
      for (const wish of wishes) await grant(run, wish);
      await finish(run);
    }),
    runParameters(RUNS),
  ),
);

async function grant(run: Run, wish: Wish): Promise<void> {
  if (wish.kind === 'again') return takeAgain(run);
  const step = stepOf(run.world, wish);
  if (step !== undefined) await take(run, step);
}

function opening({ size, plan }: World, stage: string) {
  const all = [steps.create(size), steps.storePlan('planner-0', plan), steps.start()];
  if (stage === 'start remembered') return [steps.create(size), steps.start()];
  return all.slice(0, ['nothing', 'planning', 'ready', 'executing'].indexOf(stage));
}
