import { taskId as idOf } from '../../src/domain/ids.ts';
import { POISON_CRASHES } from '../../src/runtime/tunables.ts';
import { type Choices, giveOut, lineOf } from './agent-commands.ts';
import {
  begunAgain,
  completed,
  failedForGood,
  handBack,
  lostDependency,
  retryLater,
  withdraw,
} from './ending.ts';
import {
  answer,
  isMet,
  isOpen,
  isOver,
  type Model,
  type ModelSwarm,
  type ModelTask,
  newTask,
  type Outcome,
  refusal,
  type TaskPlan,
  tellTask,
} from './state.ts';
import { spend } from './swarm-commands.ts';

const NO_SWARM = refusal('swarm_not_found');
const FENCED = refusal('fenced');

export interface Claim {
  taskId: string;
  attempt: number;
  token: string;
}

const mine = (swarm: ModelSwarm, claim: Claim): ModelTask | undefined => {
  const task = swarm.tasks.get(claim.taskId);
  return task?.status === 'running' && task.token === claim.token ? task : undefined;
};

export function claim(model: Model, wish: Claim): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return answer('swarm-gone');
  const task = swarm.tasks.get(wish.taskId);
  if (task === undefined) return answer('task-gone');
  if (mine(swarm, wish) !== undefined) return answer('claimed');
  if (swarm.status !== 'executing') return answer('swarm-not-executing');
  if (task.attempt !== wish.attempt) return answer('stale-attempt');
  if (task.status !== 'queued') return answer('task-not-queued');
  begin(model, task, wish.token);
  return answer('claimed');
}

function begin(model: Model, task: ModelTask, token: string): void {
  task.status = 'running';
  task.token = token;
  task.leaseEnded = false;
  if (task.crashes > 0) task.trial = 'waiting';
  else delete task.trial;
  tellTask(model, 'task.started', task);
}

export function tryApart({ swarm }: Model, one: Claim): Outcome {
  const task = swarm === undefined ? undefined : mine(swarm, one);
  if (swarm === undefined) return NO_SWARM;
  if (task === undefined) return refusal('fenced');
  if (task.trial === 'waiting') task.trial = 'apart';
  return answer(undefined);
}

export function heartbeat({ swarm }: Model, one: Claim): Outcome {
  if (swarm?.endedByBudget) return answer('budget');
  if (swarm === undefined || isOver(swarm)) return answer('cancel');
  const task = mine(swarm, one);
  if (task === undefined) return answer('fenced');
  task.leaseEnded = false;
  return answer(swarm.status === 'paused' ? 'pause' : 'ok');
}

export function modelWait(model: Model, one: Claim, number: number): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const task = mine(swarm, one);
  if (task === undefined) return FENCED;
  const noted = `${task.attempt} ${number}`;
  if (task.modelWait !== noted) tellTask(model, 'task.progress', task);
  task.modelWait = noted;
  return answer('noted');
}

/** @param paid tokens of the turn; 0: the entry is none */
export function journal(model: Model, one: Claim, index: number, entry: string, paid: number): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const ended = swarm.endedByBudget ? swarm.tasks.get(one.taskId) : undefined;
  if (ended !== undefined && ended.token === one.token)
    return ended.journal[index] === entry ? answer('budget') : FENCED;
  const task = mine(swarm, one);
  if (task === undefined || index > task.journal.length) return FENCED;
  if (index < task.journal.length) return task.journal[index] === entry ? answer('go') : FENCED;
  task.journal.push(entry);
  if (paid > 0) {
    task.turns += 1;
    tellTask(model, 'task.progress', task);
    spend(model, swarm, paid);
  }
  return answer(isOver(swarm) ? 'budget' : 'go');
}

export function artifact(
  model: Model,
  one: Claim,
  path: string,
  content: string,
  announce: boolean,
): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const task = mine(swarm, one);
  if (task === undefined) return FENCED;
  const announced = `${task.attempt} ${path} ${content}`;
  if (announce && task.announced !== announced) {
    task.announced = announced;
    tellTask(model, 'artifact.stored', task);
  }
  return answer(undefined);
}

/** What a completion wishes for: at most so many tasks handed over under this token. */
export interface Onward {
  token: string;
  places: number;
}

/** Completions that are sent together: refused or repeated each for itself, and served as one. */
export function complete(
  model: Model,
  sent: readonly { one: Claim; onward: Onward }[],
  choices: Choices,
): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const tasks = sent.map(({ one }) => mine(swarm, one));
  // The same claim twice: only the first of them finds it running.
  const done = sent.flatMap(({ onward }, i) => {
    const task = tasks[i];
    return task === undefined || tasks.indexOf(task) < i ? [] : [{ i, task, onward }];
  });
  const freed = completed(
    model,
    swarm,
    done.map(({ task }) => task),
  );
  if (swarm.status === 'executing' && done.length > 0) {
    const places = done.reduce((sum, { onward }) => sum + onward.places, 0);
    handOn(model, done, giveOut(model, swarm, places, choices));
  }
  return answer(
    sent.map(({ one, onward }, i) => {
      const ended = swarm.tasks.get(one.taskId);
      if (ended?.status !== 'completed' || ended.token !== one.token) return 'fenced';
      const held = (ended.handedOver ?? [])
        .map((id) => swarm.tasks.get(id) as ModelTask)
        .filter((other) => other.status === 'running' && other.token === onward.token);
      // A reply that was lost is given again, to those that are still held by that token.
      for (const other of held) other.leaseEnded = false;
      const order = done.findIndex((each) => each.i === i);
      return { swarmStatus: swarm.status, freed: freed[order] ?? 0, handedOver: held.map(lineOf).sort() };
    }),
  );
}

/** One to the place of each that ended, as far as they go, and then those beside them. */
function handOn(
  model: Model,
  done: readonly { task: ModelTask; onward: Onward }[],
  handed: readonly ModelTask[],
): void {
  const left = [...handed];
  const takers = done.filter(({ onward }) => onward.places > 0);
  for (const most of [1, Number.POSITIVE_INFINITY]) {
    for (const { task, onward } of takers) {
      const own = most === 1 ? [] : (task.handedOver ?? []);
      while (left.length > 0 && own.length < Math.min(most, onward.places)) {
        const next = left.shift() as ModelTask;
        begin(model, next, onward.token);
        own.push(next.id);
      }
      if (own.length > 0) task.handedOver = own;
    }
  }
}

export function fail(model: Model, one: Claim, retryable: boolean, delayed: boolean): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const earlier = swarm.tasks.get(one.taskId);
  const told = earlier?.status === 'retrying' || earlier?.status === 'failed';
  if (told && earlier.token === one.token)
    return answer({ taskStatus: earlier.status, swarmStatus: swarm.status });
  const task = mine(swarm, one);
  if (task === undefined) return FENCED;
  task.failures += 1;
  if (retryable && task.failures <= task.maxRetries) retryLater(model, swarm, task, !delayed);
  else failedForGood(model, swarm, task);
  return answer({ taskStatus: task.status, swarmStatus: swarm.status });
}

export function release(model: Model, one: Claim): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const task = mine(swarm, one);
  if (task === undefined) return FENCED;
  handBack(swarm, task);
  tellTask(model, task.status === 'suspended' ? 'task.suspended' : 'task.retrying', task);
  return answer(task.status);
}

export function reclaim(model: Model, seen: Claim): Outcome {
  const { swarm } = model;
  const task = swarm === undefined ? undefined : mine(swarm, seen);
  if (swarm === undefined || task === undefined || !task.leaseEnded) return answer(undefined);
  const { trial } = task;
  if (trial !== 'waiting') task.crashes += 1;
  delete task.token;
  const poison =
    (trial === 'apart' && task.crashes >= POISON_CRASHES) ||
    (trial !== 'waiting' && task.crashes >= 2 * POISON_CRASHES);
  if (poison) failedForGood(model, swarm, task);
  else retryLater(model, swarm, task, true);
  return answer(task.status);
}

export function requeue(model: Model, seen: Omit<Claim, 'token'>): Outcome {
  const task = model.swarm?.tasks.get(seen.taskId);
  if (model.swarm?.status !== 'executing' || task?.status !== 'queued') return answer(undefined);
  if (task.attempt !== seen.attempt) return answer(undefined);
  task.attempt += 1;
  tellTask(model, 'task.assigned', task);
  return answer(task.attempt);
}

export function addTask(model: Model, plan: TaskPlan, requestKey: string): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const earlier = swarm.addedKeys.get(requestKey);
  if (earlier !== undefined) return answer(earlier);
  if (isOver(swarm)) return refusal('swarm_state_conflict');
  for (const id of plan.dependencies) {
    const dependency = swarm.tasks.get(id);
    if (dependency === undefined) return refusal('task_not_found');
    if (!isOpen(dependency) && !isMet(dependency)) return refusal('task_state_conflict');
  }
  const sequence = swarm.tasks.size + 1;
  const task = newTask(idOf(sequence), sequence, plan);
  if (plan.dependencies.every((id) => isMet(swarm.tasks.get(id) as ModelTask))) task.status = 'ready';
  swarm.tasks.set(task.id, task);
  if (requestKey !== '') swarm.addedKeys.set(requestKey, task.id);
  model.told.push(`task.created ${task.id}`);
  return answer(task.id);
}

export function cancel(model: Model, taskId: string): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const task = swarm.tasks.get(taskId);
  if (task === undefined) return refusal('task_not_found');
  if (task.status === 'cancelled') return answer({ changed: false, swarmStatus: swarm.status });
  if (isOver(swarm)) return refusal('swarm_state_conflict');
  if (!isOpen(task)) return refusal('task_state_conflict');
  withdraw(model, swarm, task);
  return answer({ changed: true, swarmStatus: swarm.status });
}

export function retry(model: Model, taskId: string): Outcome {
  const { swarm } = model;
  if (swarm === undefined) return NO_SWARM;
  const task = swarm.tasks.get(taskId);
  if (task === undefined) return refusal('task_not_found');
  const waits = ['ready', 'blocked', 'suspended'].includes(task.status);
  if (waits && task.retriedAt === task.attempt)
    return answer({ changed: false, taskStatus: task.status, revived: 0 });
  if (isOver(swarm)) return refusal('swarm_state_conflict');
  if (task.status === 'retrying') {
    task.retriedAt = task.attempt;
    task.status = 'ready';
    task.due = false;
    tellTask(model, 'task.retried', task);
    return answer({ changed: true, taskStatus: 'ready', revived: 0 });
  }
  const ended = task.status === 'failed' || task.status === 'cancelled';
  const needed = [...swarm.tasks.values()].some((one) => one.dependencies.includes(taskId));
  if (!ended || (task.onFailure === 'continue' && needed) || lostDependency(swarm, task) !== undefined)
    return refusal('task_state_conflict');
  const revived = begunAgain(model, swarm, task);
  return answer({ changed: true, taskStatus: task.status, revived });
}
