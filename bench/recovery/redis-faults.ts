import { setTimeout as delay } from 'node:timers/promises';
import { listTasks } from '@claude-flow/core/store/task-reads';
import { waitFor } from '@claude-flow/testing/wait-for';
import { appendOnlyFile, sizeOf, tearAfter } from '../../tests/chaos/harness/torn-write.ts';
import type { Fault } from './fault.ts';
import { resetWays } from './reset-faults.ts';
import type { Scene } from './scene.ts';

/** Swarms that begin shortly before the fault, a little apart: it finds them at all places of their way. */
const SWARMS = 12;
const APART_MS = 60;
/** Of so many, one has to be planned. */
const PLANNED_ONE_IN = 3;
/** More steps than are done in a round, and tasks side by side in each: some are just being delivered. */
const STEPS = 30;
const WIDTH = 2;
/** Slow enough that a fault finds agents at work. */
const MODEL_TAKES_MS = 150;
/** How long Redis is not to be had: some of it past the doubt of a lease, and past the lease itself. */
const AWAY_MS = [500, 12_000] as const;
const WRITTEN_WITHIN_MS = 10_000;
/** So much more is executed, at most, of which nobody hears. */
const UNHEARD_MS = 100;

const WORK = ['swarm.planned', 'task.started', 'task.progress', 'task.completed'];
/** Somebody works on it, or should in a moment. */
const UNDER_WAY = ['queued', 'running', 'retrying'];

/**
 * Has Redis go away and come back while swarms run. Each task under way is a sample, and each swarm that has none.
 * @param fault resolves when it is back
 */
const withSwarms =
  (fault: (scene: Scene, awayMs: number) => Promise<void>): Fault =>
  async (scene, round, rounds) => {
    await scene.model({ latencyMs: MODEL_TAKES_MS });
    const swarmIds: string[] = [];
    for (let count = 1; count <= SWARMS; count += 1) {
      swarmIds.push(await (count % PLANNED_ONE_IN === 0 ? scene.unplanned() : scene.swarm(STEPS, WIDTH)));
      await delay(APART_MS);
    }
    await delay(Math.random() * MODEL_TAKES_MS);
    const share = rounds === 1 ? Math.random() : round / (rounds - 1);
    await fault(scene, AWAY_MS[0] + share * (AWAY_MS[1] - AWAY_MS[0]));
    const since = Date.now();
    const next = swarmIds.map(async (swarmId) => {
      const tasks = await listTasks(scene.ledger, swarmId);
      const ids = tasks.filter(({ state }) => UNDER_WAY.includes(state.status)).map(({ spec }) => spec.id);
      if (ids.length === 0) return [await nextOf(scene, swarmId, undefined, since)];
      return Promise.all(ids.map((id) => nextOf(scene, swarmId, id, since)));
    });
    return (await Promise.all(next)).flat();
  };

async function nextOf(scene: Scene, swarmId: string, id: string | undefined, since: number): Promise<number> {
  const next = await scene.event(
    swarmId,
    `progress of ${swarmId} ${id ?? ''}`,
    ({ type, at, taskId }) => at >= since && (id === undefined || taskId === id) && WORK.includes(type),
  );
  return next.at - since;
}

export const redisKilled = withSwarms(async ({ redis }, awayMs) => {
  await redis.kill();
  await delay(awayMs);
  await redis.restart();
});

/** What was written and not yet acknowledged is torn off; nobody was told of it. */
export const redisTorn = withSwarms(async (scene) => {
  const { redis } = scene;
  for (const way of scene.ways('schedulers and workers')) way.withholdReplies(true);
  const file = await appendOnlyFile(redis);
  const before = await sizeOf(file);
  await waitFor(async () => (await sizeOf(file)) > before, {
    deadlineMs: WRITTEN_WITHIN_MS,
    everyMs: 5,
    what: 'Redis to write something that nobody is told of',
  });
  await delay(Math.random() * UNHEARD_MS);
  await redis.kill();
  await tearAfter(file, before, Math.random());
  for (const way of scene.ways('schedulers and workers')) {
    way.reset();
    way.withholdReplies(false);
  }
  await redis.restart();
});

/** Whatever needs more memory is refused with OOM. */
export const redisFull = withSwarms(async ({ ledger: { redis } }, awayMs) => {
  await redis.config('SET', 'maxmemory', '1mb');
  await delay(awayMs);
  await redis.config('SET', 'maxmemory', '0');
});

/** No process reaches Redis, and none is told so. */
export const redisCutOff = withSwarms(async (scene, awayMs) => {
  for (const way of scene.ways('schedulers and workers')) way.mode('blackhole');
  await delay(awayMs);
  for (const way of scene.ways('schedulers and workers')) way.mode('pass');
});

/** Redis stays; what was on its way back from it is lost. */
export const allReset = withSwarms((scene) => resetWays(scene.ways('schedulers and workers')));
