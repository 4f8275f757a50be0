import { isMet, isOpen, living, type Model, type ModelSwarm, type ModelTask, tellTask } from './state.ts';

/** The agent of a task that is no longer at work is idle again; `ended` counts for it. */
function freeAgent(swarm: ModelSwarm, task: ModelTask, ended?: 'completed' | 'failed'): void {
  const agent = living(swarm).find((one) => one.taskId === task.id);
  if (agent === undefined) return;
  agent.status = 'idle';
  delete agent.taskId;
  if (ended === 'completed') agent.tasksCompleted += 1;
  if (ended === 'failed') agent.tasksFailed += 1;
}

/** Back to where it can be dispatched again, by whoever: the old token is worth nothing. */
export function handBack(swarm: ModelSwarm, task: ModelTask): void {
  freeAgent(swarm, task);
  delete task.token;
  task.status = swarm.status === 'paused' ? 'suspended' : 'ready';
}

export function retryLater(model: Model, swarm: ModelSwarm, task: ModelTask, due: boolean): void {
  freeAgent(swarm, task);
  task.status = 'retrying';
  task.due = due;
  tellTask(model, 'task.retrying', task);
}

function end(model: Model, swarm: ModelSwarm, status: 'completed' | 'failed' | 'stopped'): void {
  swarm.status = status;
  for (const agent of living(swarm)) {
    agent.status = 'terminated';
    delete agent.taskId;
    model.told.push(`agent.terminated ${agent.id}`);
  }
  model.told.push(`swarm.${status}`);
}

/** It has ended while it waited: nobody is to decide any more. */
function endWaits(swarm: ModelSwarm, task: ModelTask): void {
  for (const id of task.waitsOn) {
    const approval = swarm.approvals.get(id);
    if (approval !== undefined) approval.status = 'cancelled';
  }
  task.waitsOn = [];
  delete task.waitingFor;
}

function cancelOpen(model: Model, swarm: ModelSwarm): void {
  for (const task of swarm.tasks.values()) {
    if (!isOpen(task)) continue;
    freeAgent(swarm, task);
    task.status = 'cancelled';
    endWaits(swarm, task);
    tellTask(model, 'task.cancelled', task);
  }
}

export function stopAll(model: Model, swarm: ModelSwarm, status: 'failed' | 'stopped'): void {
  cancelOpen(model, swarm);
  end(model, swarm, status);
}

/** Whatever waited for nothing else is ready now. @returns how many */
function unblock(swarm: ModelSwarm): number {
  const free = [...swarm.tasks.values()].filter(
    (task) =>
      task.status === 'blocked' && task.dependencies.every((id) => isMet(swarm.tasks.get(id) as ModelTask)),
  );
  for (const task of free) task.status = 'ready';
  return free.length;
}

/** Whatever can never run, because something it depends on did not complete, is skipped. */
function skipHopeless(model: Model, swarm: ModelSwarm): void {
  const hopeless = (task: ModelTask) =>
    task.status === 'blocked' && lostDependency(swarm, task) !== undefined;
  for (let lost = [...swarm.tasks.values()].find(hopeless); lost !== undefined; ) {
    lost.status = 'skipped';
    tellTask(model, 'task.skipped', lost);
    lost = [...swarm.tasks.values()].find(hopeless);
  }
}

/** Nothing is left that it waits for: it goes on where it stands. */
export function wake(swarm: ModelSwarm, task: ModelTask): void {
  delete task.waitingFor;
  handBack(swarm, task);
}

/** Those that waited for tasks which have all ended now. */
function wakeWaiters(swarm: ModelSwarm): void {
  for (const task of swarm.tasks.values()) {
    if (task.waitingFor !== 'children') continue;
    task.waitsOn = task.waitsOn.filter((id) => isOpen(swarm.tasks.get(id) as ModelTask));
    if (task.waitsOn.length === 0) wake(swarm, task);
  }
}

/**
 * A task has ended: the swarm has made progress, and has ended as well when nothing is open any more. While its plan is
 * being made there is more to come, unless `over`.
 */
function progress(model: Model, swarm: ModelSwarm, over = false): void {
  wakeWaiters(swarm);
  model.told.push('swarm.progress');
  const tasks = [...swarm.tasks.values()];
  if (tasks.some(isOpen) || !(swarm.planned || over)) return;
  const fatal =
    tasks.some((task) => task.status === 'failed' && task.onFailure !== 'continue') ||
    tasks.some((task) => task.withdrawn && task.onFailure === 'fail-swarm') ||
    tasks.some((task) => task.status === 'skipped') ||
    tasks.every((task) => task.status === 'cancelled');
  end(model, swarm, fatal ? 'failed' : 'completed');
}

/** They complete one after the other, in one step of progress. @returns how many tasks became ready by each */
export function completed(model: Model, swarm: ModelSwarm, tasks: readonly ModelTask[]): number[] {
  const freed = tasks.map((task) => {
    freeAgent(swarm, task, 'completed');
    task.status = 'completed';
    tellTask(model, 'task.completed', task);
    return unblock(swarm);
  });
  if (tasks.length > 0) progress(model, swarm);
  return freed;
}

export function failedForGood(model: Model, swarm: ModelSwarm, task: ModelTask): void {
  freeAgent(swarm, task, 'failed');
  task.status = 'failed';
  tellTask(model, 'task.failed', task);
  if (task.onFailure === 'continue') unblock(swarm);
  else if (task.onFailure === 'fail-swarm') cancelOpen(model, swarm);
  else skipHopeless(model, swarm);
  progress(model, swarm);
}

/** A person takes a task out: as a failure, but for what is fatal: a skipped dependant, or that nothing was done at all. */
export function withdraw(model: Model, swarm: ModelSwarm, task: ModelTask): void {
  freeAgent(swarm, task);
  endWaits(swarm, task);
  task.status = 'cancelled';
  task.withdrawn = true;
  tellTask(model, 'task.cancelled', task);
  if (task.onFailure === 'continue') unblock(swarm);
  else if (task.onFailure === 'fail-swarm') cancelOpen(model, swarm);
  else skipHopeless(model, swarm);
  progress(model, swarm, task.onFailure === 'fail-swarm');
}

/** From its beginning; whatever was skipped and is hopeless no longer waits again. @returns how many of those */
export function begunAgain(model: Model, swarm: ModelSwarm, task: ModelTask): number {
  Object.assign(task, { failures: 0, crashes: 0, journal: [], retriedAt: task.attempt });
  delete task.token;
  delete task.withdrawn;
  task.status = task.dependencies.every((id) => isMet(swarm.tasks.get(id) as ModelTask))
    ? 'ready'
    : 'blocked';
  tellTask(model, 'task.retried', task);
  const again = () =>
    [...swarm.tasks.values()].find(
      (one) => one.status === 'skipped' && lostDependency(swarm, one) === undefined,
    );
  let revived = 0;
  for (let one = again(); one !== undefined; one = again()) {
    one.status = 'blocked';
    tellTask(model, 'task.retried', one);
    revived += 1;
  }
  return revived;
}

/** What a task needs and will not get as things stand. */
export function lostDependency(swarm: ModelSwarm, task: ModelTask): ModelTask | undefined {
  return task.dependencies
    .map((id) => swarm.tasks.get(id) as ModelTask)
    .find((dependency) => !isOpen(dependency) && !isMet(dependency));
}
