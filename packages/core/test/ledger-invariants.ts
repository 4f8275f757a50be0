import { isTerminalSwarm, isTerminalTask, type TaskStatus } from '../src/domain/states.ts';
import { budgetShare, type TaskState } from '../src/domain/task.ts';
import type { Ledger } from '../src/store/ledger.ts';
import { type LedgerSnapshot, readLedger } from './ledger-snapshot.ts';
import { storyFaults } from './ledger-story.ts';
import { waitFaults } from './ledger-waits.ts';

/**
 * What is true of a swarm's record after every transition, whatever came before it.
 * @param snapshot with all its events
 * @returns a sentence for each thing that is wrong; none when the ledger is sound
 */
export function ledgerFaults(snapshot: LedgerSnapshot): string[] {
  return [...structureFaults(snapshot), ...storyFaults(snapshot)];
}

/** Fails the test with every fault of the swarm's record. @returns the record as it was read */
export async function expectSound(ledger: Ledger, swarmId: string): Promise<LedgerSnapshot> {
  const snapshot = await readLedger(ledger, swarmId);
  if (snapshot === undefined) throw new Error(`${swarmId} is not there`);
  const faults = ledgerFaults(snapshot);
  if (faults.length > 0) throw new Error(`The ledger of ${swarmId} is not sound:\n${faults.join('\n')}`);
  return snapshot;
}

/** The part that needs no events, so that it can be asked after every step of a long run. */
export function structureFaults(snapshot: LedgerSnapshot): string[] {
  return [
    ...indexFaults(snapshot),
    ...dependencyFaults(snapshot),
    ...agentFaults(snapshot),
    ...waitFaults(snapshot),
    ...swarmFaults(snapshot),
  ];
}

/** By a command of its own, not together with its swarm. */
const cancelledAlone = (task: TaskState) => task.status === 'cancelled' && task.errorCode === 'cancelled';

const same = (a: Iterable<string>, b: Iterable<string>) => [...a].sort().join() === [...b].sort().join();
const list = (ids: Iterable<string>) => `[${[...ids].sort().join(' ')}]`;

function indexFaults(snapshot: LedgerSnapshot): string[] {
  const faults: string[] = [];
  const tasks = [...snapshot.tasks.values()];
  const having = (test: (task: TaskState) => boolean) => tasks.filter(test).map((task) => task.id);
  const indexes: [string, Iterable<string>, string[]][] = [
    ['open', snapshot.open, having((task) => !isTerminalTask(task.status))],
    ['suspended', snapshot.suspended, having((task) => task.status === 'suspended')],
    ['results', snapshot.results, having((task) => task.status === 'completed')],
    ['specs', snapshot.specs.keys(), having(() => true)],
  ];
  for (const name of ['ready', 'queued', 'running', 'retrying'] as const)
    indexes.push([name, snapshot[name].keys(), having((task) => task.status === name)]);
  for (const [name, held, wanted] of indexes)
    if (!same(held, wanted)) faults.push(`${name} holds ${list(held)}, the tasks say ${list(wanted)}`);

  const recount = new Map<TaskStatus, number>();
  for (const task of tasks) recount.set(task.status, (recount.get(task.status) ?? 0) + 1);
  for (const status of new Set([
    ...recount.keys(),
    ...Object.keys(snapshot.swarm.counts),
  ]) as Set<TaskStatus>) {
    const [kept, counted] = [snapshot.swarm.counts[status] ?? 0, recount.get(status) ?? 0];
    if (kept !== counted) faults.push(`counts says ${kept} ${status}, there are ${counted}`);
  }
  const order = [...snapshot.ready.keys()].map((id) => snapshot.tasks.get(id)).filter((task) => !!task);
  const wanted = order.toSorted((a, b) => b.priority - a.priority || a.id.localeCompare(b.id));
  if (order.some((task, i) => task !== wanted[i])) faults.push('ready is not in the order of priority');
  return faults;
}

function dependencyFaults({ tasks, specs, indegree, dependents }: LedgerSnapshot): string[] {
  const faults = [...indegree.keys()]
    .filter((id) => !tasks.has(id))
    .map((id) => `${id} waits and is not there`);
  const met = (id: string) => {
    const task = tasks.get(id);
    if (task?.status === 'completed') return true;
    return task?.onFailure === 'continue' && (task.status === 'failed' || cancelledAlone(task));
  };
  for (const task of tasks.values()) {
    const dependencies = [...new Set(specs.get(task.id)?.dependencies)];
    const waits = dependencies.filter((id) => !met(id));
    const started = !['blocked', 'skipped', 'cancelled'].includes(task.status);
    const degree = indegree.get(task.id) ?? 0;
    if (task.status === 'blocked' && waits.length === 0) faults.push(`${task.id} is blocked by nothing`);
    if (started && waits.length > 0) faults.push(`${task.id} is ${task.status} before ${list(waits)}`);
    if (degree !== waits.length)
      faults.push(`${task.id} has indegree ${degree}, but waits for ${list(waits)}`);
    if (task.status === 'blocked' && waits.some((id) => isTerminalTask(tasks.get(id)?.status ?? 'failed')))
      faults.push(`${task.id} is blocked by a task that has ended: ${list(waits)}`);
    for (const id of waits)
      if (dependents.get(id)?.includes(task.id) !== true) faults.push(`${id} does not know ${task.id}`);
  }
  return faults;
}

function agentFaults({ swarm, tasks, specs, agents, pool, terminated }: LedgerSnapshot): string[] {
  const faults: string[] = [];
  const living = [...agents.values()].filter((agent) => agent.status !== 'terminated');
  const both = [...pool].filter((id) => terminated.has(id));
  if (both.length > 0) faults.push(`${list(both)} live and are terminated`);
  if (living.length > swarm.maxAgents) faults.push(`${living.length} agents live, of ${swarm.maxAgents}`);
  for (const agent of agents.values()) {
    const work = [...tasks.values()].filter(
      (task) => ['queued', 'running'].includes(task.status) && task.agentId === agent.id,
    );
    const wanted = agent.status === 'busy' ? [agent.taskId ?? 'a task'] : [];
    const held = work.map((task) => task.id);
    if (!same(held, wanted)) faults.push(`${agent.id} is ${agent.status} with ${list(held)}`);
    if (agent.status !== 'busy' && agent.taskId !== undefined)
      faults.push(`${agent.id} is ${agent.status} and still names ${agent.taskId}`);
  }
  const busy = living.filter((agent) => agent.status === 'busy').length;
  if (!swarm.parallel && busy > 1) faults.push(`${busy} tasks at once in a swarm that is not parallel`);
  for (const task of tasks.values()) {
    const atWork = task.status === 'queued' || task.status === 'running';
    if (atWork && agents.get(task.agentId ?? '')?.taskId !== task.id)
      faults.push(`${task.id} is ${task.status} without an agent`);
    if (task.status === 'running' && task.token === undefined) faults.push(`${task.id} runs without a token`);
    if (['queued', 'suspended'].includes(task.status) && task.token !== undefined)
      faults.push(`${task.id} is ${task.status} and keeps an old token`);
    if (task.failures + task.crashes > task.attempt) faults.push(`${task.id} failed more than it was tried`);
    if (task.status !== 'failed' && task.failures > (specs.get(task.id)?.maxRetries ?? 0))
      faults.push(`${task.id} failed ${task.failures} times and goes on`);
  }
  return faults;
}

function swarmFaults({ swarm, tasks, open, queued, suspended, pool }: LedgerSnapshot): string[] {
  const faults: string[] = [];
  const over = isTerminalSwarm(swarm.status);
  const say = (wrong: boolean, sentence: string) => wrong && faults.push(`the swarm ${sentence}`);
  say(over && open.size > 0, `is ${swarm.status} with ${open.size} open tasks`);
  say(!over && swarm.planned && open.size === 0, `is ${swarm.status} with nothing left to do`);
  say(over && pool.size > 0, `is ${swarm.status} with ${pool.size} agents alive`);
  say(over !== (swarm.endedAt !== undefined), `is ${swarm.status}, ended at ${swarm.endedAt}`);
  say(swarm.status !== 'paused' && suspended.size > 0, `is ${swarm.status} with suspended tasks`);
  say(swarm.status !== 'executing' && queued.size > 0, `is ${swarm.status} with queued tasks`);
  const all = [...tasks.values()];
  const early = ['blocked', 'ready', 'cancelled', 'skipped'];
  say(!swarm.planned && !all.every(({ status }) => early.includes(status)), 'has tasks at work and no plan');
  const cancelled = all.some((task) => task.status === 'cancelled' && !cancelledAlone(task));
  const failed = all.some((task) => task.status === 'failed' && task.onFailure !== 'continue');
  const withdrawn =
    all.some((task) => cancelledAlone(task) && task.onFailure === 'fail-swarm') ||
    (all.some(cancelledAlone) && all.every((task) => ['cancelled', 'skipped'].includes(task.status)));
  const fatal = failed || withdrawn || all.some((task) => task.status === 'skipped');
  say(swarm.status === 'completed' && (cancelled || fatal), 'completed although a task did not');
  const ended = ['timeout', 'budget', 'model-rejected'].includes(swarm.reason ?? '');
  say(swarm.status === 'failed' && !(cancelled || fatal) && !ended, 'failed for nothing');
  say(
    ['task-failed', 'task-cancelled'].includes(swarm.reason ?? '') !==
      (swarm.status === 'failed' && fatal && !ended),
    `is ${swarm.status} for the reason ${swarm.reason}`,
  );
  const { budget } = swarm;
  const usedUp = budget !== undefined && budgetShare(budget, swarm) >= 1;
  say(usedUp !== (swarm.reason === 'budget'), `is ${swarm.status}, its budget used up: ${usedUp}`);
  say(usedUp && swarm.status !== 'failed', `goes on with its budget used up`);
  return faults;
}
