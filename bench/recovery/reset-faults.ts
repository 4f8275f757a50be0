import { setTimeout as delay } from 'node:timers/promises';
import type { RedisProxy, SprungTrap } from '@claude-flow/testing/redis-proxy';
import type { RespCommand } from '@claude-flow/testing/resp-requests';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

/** Before the reset so much is executed, at most, of which nobody hears. */
const UNHEARD_MS = 100;
/** For so long, at most, there is no new connection. */
const RESET_MS = 500;

/** What is on its way back is lost, then the connections are reset, and for a moment there are no new ones. */
export async function resetWays(ways: readonly RedisProxy[]): Promise<void> {
  for (const way of ways) way.withholdReplies(true);
  await delay(Math.random() * UNHEARD_MS);
  for (const way of ways) way.mode('reset');
  await delay(Math.random() * RESET_MS);
  for (const way of ways) {
    way.withholdReplies(false);
    way.mode('pass');
  }
}

/** Swarms that are created around a reset, a little apart, so that it comes at different places of their planning. */
const PLANNED_AT_ONCE = 8;
const APART_MS = 40;
const PLAN_TAKES_MS = 150;

/** The schedulers' connections are reset while they take and make plans; what it hit are the swarms without a plan. */
export const schedulersReset: Fault = async (scene) => {
  await scene.model({ latencyMs: PLAN_TAKES_MS });
  const swarmIds: string[] = [];
  const creating = (async () => {
    for (let count = 0; count < PLANNED_AT_ONCE; count += 1) {
      swarmIds.push(await scene.unplanned());
      await delay(APART_MS);
    }
  })();
  await delay(PLAN_TAKES_MS + Math.random() * PLANNED_AT_ONCE * APART_MS);
  const since = Date.now();
  const hit = [...swarmIds];
  await resetWays(scene.ways('schedulers'));
  await creating;
  const planned = await Promise.all(
    hit.map((swarmId) => scene.event(swarmId, 'the plan', ({ type }) => type === 'swarm.planned')),
  );
  return planned.map(({ at }) => at - since).filter((ms) => ms >= 0);
};

/** BullMQ's script that takes a job has so many keys, and no other that begins with the same one. */
const TAKE_KEYS = '11';
const takesFrom =
  (queue: string) =>
  ({ name, args: [, keys, first = ''] }: RespCommand) =>
    name === 'EVALSHA' && keys === TAKE_KEYS && first.endsWith(`:${queue}:wait`);

/** Whoever takes the next job of a queue gets it, does not hear of it, and has its connections reset. @returns when */
async function resetAsItTakes(ways: readonly RedisProxy[], queue: string, job: () => Promise<string>) {
  const taken = Promise.withResolvers<SprungTrap>();
  // Now and then somebody looks for a job before there is one; then the sample is that of an ordinary reset.
  for (const way of ways)
    void way.trap({ match: takesFrom(queue), n: 1, act: 'kill-after' }).then(taken.resolve);
  const swarmId = await job();
  const { at } = await taken.promise;
  for (const way of ways) way.disarm();
  return { swarmId, at };
}

export const workerResetAsItTakes: Fault = async (scene: Scene) => {
  const { swarmId, at } = await resetAsItTakes(scene.ways('workers'), 'task', () => scene.swarm(1, 1));
  return [(await scene.event(swarmId, 'the start', ({ type }) => type === 'task.started')).at - at];
};

export const schedulerResetAsItTakes: Fault = async (scene: Scene) => {
  const { swarmId, at } = await resetAsItTakes(scene.ways('schedulers'), 'plan', () => scene.unplanned());
  return [(await scene.event(swarmId, 'the plan', ({ type }) => type === 'swarm.planned')).at - at];
};
