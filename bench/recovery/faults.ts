import type { Scene } from './scene.ts';

/** Breaks something and gives the milliseconds until the system went on. */
export type Fault = (scene: Scene, round: number) => Promise<number>;

const started = (attempt: number) => (event: { type: string; attempt?: number | undefined }) =>
  event.type === 'task.started' && event.attempt === attempt;

/** A swarm whose only task runs and waits for the model. */
async function atWork(scene: Scene): Promise<string> {
  const swarmId = await scene.swarm(1, true);
  await scene.event(swarmId, 'the first attempt', started(1));
  return swarmId;
}

async function untilNextAttempt(scene: Scene, swarmId: string, since: number): Promise<number> {
  return (await scene.event(swarmId, 'the next attempt', started(2))).at - since;
}

export const workerKilled: Fault = async (scene) => {
  const swarmId = await atWork(scene);
  const worker = await scene.workerOf(swarmId);
  const since = Date.now();
  worker.kill('SIGKILL');
  return untilNextAttempt(scene, swarmId, since);
};

/** In every other round the scheduler that watches is among the dead. */
export const schedulerAndWorkerKilled: Fault = async (scene, round) => {
  const swarmId = await atWork(scene);
  const worker = await scene.workerOf(swarmId);
  const schedulers = scene.stack.schedulers.filter((one) => one.running);
  const since = Date.now();
  schedulers[round % schedulers.length]?.kill('SIGKILL');
  worker.kill('SIGKILL');
  return untilNextAttempt(scene, swarmId, since);
};

/** Its connections stay, as those of a machine that is cut off do: only the lease tells. */
export const workerFrozen: Fault = async (scene) => {
  const swarmId = await atWork(scene);
  const worker = await scene.workerOf(swarmId);
  const since = Date.now();
  worker.kill('SIGSTOP');
  try {
    return await untilNextAttempt(scene, swarmId, since);
  } finally {
    worker.kill('SIGKILL');
  }
};

export const redisKilled: Fault = async (scene) => {
  const { redis } = scene.stack;
  if (redis === undefined) throw new Error('The stack has no Redis of its own.');
  const swarmId = await scene.swarm(30, false);
  await scene.event(swarmId, 'some progress', (event) => event.type === 'task.progress');
  await redis.kill();
  await redis.restart();
  const since = Date.now();
  return (await scene.event(swarmId, 'the next event', (event) => event.at >= since)).at - since;
};

/** The scheduler that waits for the model's plan is gone; another one, ready by then, makes the plan. */
export const schedulerKilled: Fault = async (scene) => {
  const [spare, planner] = scene.stack.schedulers.filter((one) => one.running);
  if (spare === undefined || planner === undefined) throw new Error('Two schedulers have to run.');
  // With one alone it is known which one plans.
  spare.kill('SIGKILL');
  await spare.exited;
  const swarmId = await scene.unplanned();
  await scene.stack.startScheduler();
  const since = Date.now();
  planner.kill('SIGKILL');
  return (await scene.event(swarmId, 'the plan', (event) => event.type === 'swarm.planned')).at - since;
};
