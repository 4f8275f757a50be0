import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

const started = (attempt: number) => (event: { type: string; attempt?: number | undefined }) =>
  event.type === 'task.started' && event.attempt === attempt;

/** A swarm whose only task runs and waits for the model. */
async function atWork(scene: Scene): Promise<string> {
  const swarmId = await scene.hanging();
  await scene.event(swarmId, 'the first attempt', started(1));
  return swarmId;
}

async function untilNextAttempt(scene: Scene, swarmId: string, since: number): Promise<number[]> {
  return [(await scene.event(swarmId, 'the next attempt', started(2))).at - since];
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

/** The scheduler that waits for the model's plan is gone; another one, ready by then, makes the plan. */
export const schedulerKilled: Fault = async (scene) => {
  const [spare, planner] = scene.stack.schedulers.filter((one) => one.running);
  if (spare === undefined || planner === undefined) throw new Error('Two schedulers have to run.');
  // With one alone it is known which one plans.
  spare.kill('SIGKILL');
  await spare.exited;
  await scene.model({ plansHung: 1 });
  const swarmId = await scene.unplanned();
  await scene.planning();
  await scene.startScheduler();
  const since = Date.now();
  planner.kill('SIGKILL');
  return [(await scene.event(swarmId, 'the plan', (event) => event.type === 'swarm.planned')).at - since];
};
