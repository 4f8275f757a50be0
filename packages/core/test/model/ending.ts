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

function cancelOpen(model: Model, swarm: ModelSwarm): void {
  for (const task of swarm.tasks.values()) {
    if (!isOpen(task)) continue;
    freeAgent(swarm, task);
    task.status = 'cancelled';
    for (const id of task.waitsOn) {
      const approval = swarm.approvals.get(id);
      if (approval !== undefined) approval.status = 'cancelled';
    }
    task.waitsOn = [];
    delete task.waitingFor;
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
    task.status === 'blocked' &&
    task.dependencies.some((id) => {
      const dependency = swarm.tasks.get(id) as ModelTask;
      return !isOpen(dependency) && !isMet(dependency);
    });
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

/** A task has ended: the swarm has made progress, and has ended as well when nothing is open any more. */
function progress(model: Model, swarm: ModelSwarm): void {
  wakeWaiters(swarm);
  model.told.push('swarm.progress');
  const tasks = [...swarm.tasks.values()];
  if (tasks.some(isOpen)) return;
  const fatal = tasks.some((task) => task.status === 'failed' && task.onFailure !== 'continue');
  end(model, swarm, fatal ? 'failed' : 'completed');
}

/** @returns how many tasks became ready */
export function completed(model: Model, swarm: ModelSwarm, task: ModelTask): number {
  freeAgent(swarm, task, 'completed');
  task.status = 'completed';
  tellTask(model, 'task.completed', task);
  const freed = unblock(swarm);
  progress(model, swarm);
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
