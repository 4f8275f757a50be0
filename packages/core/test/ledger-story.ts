import type { SwarmEvent } from '../src/contracts/swarm-event.ts';
import { isTerminalSwarm, isTerminalTask } from '../src/domain/states.ts';
import type { LedgerSnapshot } from './ledger-snapshot.ts';

/** Where each event of a task leaves it. Not told one by one: what becomes ready, and the queued ones of a pause. */
const TOLD: Record<string, readonly string[]> = {
  'task.created': ['blocked', 'ready'],
  'task.assigned': ['queued', 'ready'],
  'task.started': ['running'],
  'task.progress': ['running'],
  'artifact.stored': ['running'],
  'task.retrying': ['retrying', 'ready'],
  // It waits now, or did until what it waited for had happened.
  'task.suspended': ['suspended', 'waiting', 'ready'],
  'approval.requested': ['waiting'],
  'approval.decided': ['waiting', 'ready', 'suspended'],
  'task.completed': ['completed'],
  'task.failed': ['failed'],
  'task.cancelled': ['cancelled'],
  'task.skipped': ['skipped'],
  'task.retried': ['ready', 'blocked'],
};
const SWARM_TOLD: Record<string, string> = {
  'swarm.created': 'planning',
  'swarm.planned': 'ready',
  'swarm.started': 'executing',
  'swarm.paused': 'paused',
  'swarm.resumed': 'executing',
  'swarm.completed': 'completed',
  'swarm.failed': 'failed',
  'swarm.stopped': 'stopped',
};

/** Whoever only reads the events must know the same as whoever reads the record. All events are needed, from the first. */
export function storyFaults(snapshot: LedgerSnapshot): string[] {
  const { swarm, events } = snapshot;
  const faults: string[] = [];
  if (events.length !== swarm.seq) faults.push(`${events.length} events, the last number is ${swarm.seq}`);
  events.forEach((event, index) => {
    if (event.seq !== index + 1) faults.push(`event ${index + 1} has the number ${event.seq}`);
    if (event.swarmId !== swarm.id) faults.push(`event ${event.seq} is of ${event.swarmId}`);
  });
  const status = events.map((event) => SWARM_TOLD[event.type]).findLast((one) => one !== undefined);
  if (status !== swarm.status) faults.push(`the events end with ${status}, the swarm is ${swarm.status}`);
  const end = events.findIndex((event) => isTerminalSwarm(event.type.replace('swarm.', '') as 'failed'));
  if (end !== -1 && end !== events.length - 1) faults.push(`${events.length - 1 - end} events after the end`);
  return [...faults, ...taskFaults(snapshot), ...agentFaults(snapshot)];
}

function byId(events: readonly SwarmEvent[], id: (event: SwarmEvent) => string | undefined) {
  return Map.groupBy(events, (event) => id(event) ?? '');
}

function taskFaults({ tasks, events }: LedgerSnapshot): string[] {
  const faults: string[] = [];
  const told = byId(events, (event) => event.taskId);
  for (const id of told.keys())
    if (id !== '' && !tasks.has(id)) faults.push(`events of ${id}, which is not there`);
  for (const task of tasks.values()) {
    const story = told.get(task.id) ?? [];
    const last = story.at(-1)?.type ?? 'nothing';
    if (TOLD[last]?.includes(task.status) !== true) faults.push(`${task.id} is ${task.status} after ${last}`);
    if (story.filter(({ type }) => type === 'task.created').length !== 1)
      faults.push(`${task.id} was not created exactly once`);
    const lastBeginning = story.findLastIndex(({ type }) => type === 'task.retried') + 1;
    const ends = story
      .slice(lastBeginning)
      .filter(({ type }) => isTerminalTask(type.replace('task.', '') as 'failed'));
    if (ends.length !== (isTerminalTask(task.status) ? 1 : 0))
      faults.push(`${task.id} is ${task.status}, and ended ${ends.length} times`);
    const attempts = story.filter(({ type }) => type === 'task.assigned').map(({ attempt }) => attempt);
    if (attempts.some((attempt, i) => attempt !== i + 1) || attempts.length !== task.attempt)
      faults.push(`${task.id} is at attempt ${task.attempt}, assigned were ${attempts.join()}`);
    const started = story.filter(({ type }) => type === 'task.started').map(({ attempt }) => attempt);
    if (new Set(started).size !== started.length) faults.push(`${task.id} started an attempt twice`);
  }
  return faults;
}

function agentFaults({ agents, events }: LedgerSnapshot): string[] {
  const faults: string[] = [];
  const count = (type: string, id: string) =>
    events.filter((event) => event.type === type && event.agentId === id).length;
  for (const agent of agents.values()) {
    if (count('agent.spawned', agent.id) !== 1) faults.push(`${agent.id} was not spawned exactly once`);
    const ended = count('agent.terminated', agent.id);
    if (ended !== (agent.status === 'terminated' ? 1 : 0))
      faults.push(`${agent.id} is ${agent.status}, and ended ${ended} times`);
    if (count('task.completed', agent.id) !== agent.tasksCompleted)
      faults.push(`${agent.id} completed ${agent.tasksCompleted} tasks, told otherwise`);
    if (count('task.failed', agent.id) !== agent.tasksFailed)
      faults.push(`${agent.id} failed ${agent.tasksFailed} tasks, told otherwise`);
  }
  return faults;
}
